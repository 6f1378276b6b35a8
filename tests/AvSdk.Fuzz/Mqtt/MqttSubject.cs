using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;
using AvSdk.Tests.Mqtt;

namespace AvSdk.Fuzz.Mqtt;

/// <summary>
/// Everything that reads MQTT: packets, alone and from pieces, and the session under a server that sends anything at any
/// time. No exception; one answer however the bytes are cut; what the session sends is always good.
/// </summary>
public sealed class MqttSubject : IFuzzSubject
{
    private const int PacketBytesMax = 1 << 16;
    private const long BytesMax = 4L << 20;

    private static readonly byte[][] s_packets = [.. PacketSamples.All.Select(sample => sample.Bytes)];

    public string Name => "mqtt";

    public FuzzCase Make(FuzzRandom random)
    {
        List<byte> bytes = [];
        string origin = "";
        for (int packets = random.Between(1, 4); packets > 0; packets--)
        {
            int which = random.Below(s_packets.Length);
            bytes.AddRange(s_packets[which]);
            origin += $" {PacketSamples.All[which].Name}";
        }

        FuzzCase input = new(origin.Trim(), [.. bytes]);
        for (int changes = random.Below(4); changes > 0; changes--)
            Change(input, random);
        return input;
    }

    public void Try(FuzzCase input, FuzzRandom random)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(random);
        Budget.Check("packets", BytesMax, () => TryPackets(input, random));
        Budget.Check("session", BytesMax, () =>
        {
            using SessionTarget target = new(input.Bytes, random);
            target.Run();
        });
    }

    // Noise reaches little of a packet whose length it breaks: mostly one packet is changed and its length made right again.
    private static void Change(FuzzCase input, FuzzRandom random)
    {
        if (random.OneIn(3) || !PacketHeader.TryRead(input.Bytes, PacketBytesMax, out PacketHeader header, out _)
            || input.Bytes.Length < header.PacketBytes)
        {
            ByteNoise.Apply(input, random, out _);
            return;
        }

        FuzzCase body = new("body", input.Bytes[header.HeaderBytes..header.PacketBytes]);
        ByteNoise.Apply(body, random, out _);
        byte[] length = new byte[4];
        int lengthBytes = VariableInt.Write(length, Math.Min(body.Bytes.Length, VariableInt.Max));
        input.Bytes =
            [input.Bytes[0], .. length.AsSpan(0, lengthBytes), .. body.Bytes, .. input.Bytes.AsSpan(header.PacketBytes)];
        input.Did($"in the first body: {string.Join("; ", body.Steps)}");
    }

    private static void TryPackets(FuzzCase input, FuzzRandom random)
    {
        string atOnce = Decode([input.Bytes]);
        List<byte[]> pieces = [];
        for (ReadOnlySpan<byte> rest = input.Bytes; !rest.IsEmpty;)
        {
            int bytes = Math.Min(rest.Length, random.Length(64));
            pieces.Add(rest[..bytes].ToArray());
            rest = rest[bytes..];
        }

        string inPieces = Decode(pieces);
        if (atOnce != inPieces)
            throw new BrokenPromiseException($"at once \"{atOnce}\", in pieces \"{inPieces}\"");
        if (input.Steps.Count == 0 && !atOnce.EndsWith("end", StringComparison.Ordinal))
            throw new BrokenPromiseException($"good packets are refused: {atOnce}");
    }

    private static string Decode(IReadOnlyList<byte[]> pieces)
    {
        using PacketBuffer buffer = new(PacketBytesMax);
        int packets = 0;
        foreach (byte[] piece in pieces)
        {
            for (ReadOnlyMemory<byte> rest = piece; !rest.IsEmpty;)
            {
                Memory<byte> free = buffer.GetFreeMemory();
                int bytes = Math.Min(free.Length, rest.Length);
                rest[..bytes].CopyTo(free);
                rest = rest[bytes..];
                buffer.Commit(bytes);
                PacketError error;
                while (buffer.TryRead(out PacketHeader header, out ReadOnlySpan<byte> body, out error))
                {
                    byte[] packet = [FirstByte(header), .. Length(header.BodyBytes), .. body];
                    error = PacketDecoding.Decode(packet, out byte[]? again, PacketBytesMax);
                    Look(error, packet, again);
                    if (error.IsError)
                        break;
                    packets++;
                }

                if (error.IsError)
                    return $"{packets} packets, {error.Code}: {error.Problem}";
            }
        }

        return $"{packets} packets, {buffer.BufferedBytes} bytes, end";
    }

    private static byte FirstByte(in PacketHeader header) => (byte)(((int)header.Type << 4) | header.Flags);

    private static byte[] Length(int value)
    {
        byte[] bytes = new byte[4];
        return bytes[..VariableInt.Write(bytes, value)];
    }

    private static void Look(PacketError error, byte[] packet, byte[]? again)
    {
        if (error.IsError)
        {
            if (error.Code < MqttReasonCode.Unspecified || error.Offset < 0 || error.Offset > packet.Length || again is not null)
                throw new BrokenPromiseException($"an error that is none: {error}");
            return;
        }

        // What was read and is written again is read again as the same.
        if (again is null)
            throw new BrokenPromiseException("a whole packet is neither read nor refused");
        PacketError second = PacketDecoding.Decode(again, out byte[]? third, PacketBytesMax);
        if (second.IsError || !again.AsSpan().SequenceEqual(third))
            throw new BrokenPromiseException($"a packet does not come back: {second}");
    }
}
