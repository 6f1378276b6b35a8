using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.V1;

namespace AvSdk.Simulation.Broker;

/// <summary>Reads along what gateways say to vehicles: receipts are promises, and a refusal is a finding.</summary>
internal sealed class GatewayReplies(World world)
{
    private readonly Dictionary<string, List<byte>> _pieces = new(StringComparer.Ordinal);

    public void Look(Publication publication)
    {
        if (!CarrierTopics.TryReadReply(publication.Topic, out _, out _))
            return;
        if (!CarrierHeader.TryRead(publication.Payload, out CarrierHeader header, out string problem))
        {
            world.Oracle.Unexplained($"A gateway's publication has a bad header: {problem}");
            return;
        }

        ReadOnlySpan<byte> data = publication.Payload.AsSpan(CarrierHeader.Bytes);
        if (header.Kind == CarrierKind.End)
            Look(publication.Topic, StreamEnd.Parser.ParseFrom(data));
        if (header.Kind is not (CarrierKind.Piece or CarrierKind.Message))
            return;
        if (!_pieces.TryGetValue(publication.Topic, out List<byte>? joined))
            _pieces.Add(publication.Topic, joined = []);
        joined.AddRange(data);
        if (header.Kind == CarrierKind.Piece)
            return;
        world.Oracle.ReplyGiven(UploadReply.Parser.ParseFrom([.. joined]));
        _pieces.Remove(publication.Topic);
    }

    private void Look(string topic, StreamEnd end)
    {
        world.Trace.Note("gateway", $"ends a stream: {end.Kind}");
        if (end.Kind is StreamEnd.Types.Kind.BadMessage or StreamEnd.Types.Kind.NotAllowed)
            world.Oracle.Unexplained($"A gateway refused {topic}: {end.Kind} {end.Reason}");
    }
}
