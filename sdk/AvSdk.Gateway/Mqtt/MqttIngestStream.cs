using System.Text;
using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Ingest;
using AvSdk.Mqtt;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Mqtt;

/// <summary>The gateway's end of one vehicle's stream over publications.</summary>
internal sealed class MqttIngestStream : ICarrierLink, IDisposable
{
    // Fixed header, packet identifier and properties that are not counted one by one.
    private const int PacketOverhead = 96;

    // What a vehicle is agreed to take.
    private const int PublicationBytesTarget = 256 << 10;
    private const long UnconfirmedBytesMax = 4 << 20;

    /// <summary>How long a last word may take.</summary>
    public static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly MqttClient _client;
    private readonly string _replyTopic;
    private readonly string _inbox;
    private readonly CarrierChannel _channel;
    private readonly TimeProvider _time;
    private bool _hasNamedInbox;
    private long _tookAt;

    public MqttIngestStream(MqttClient client, string vehicleId, string session, string inbox, uint key, TimeProvider time)
    {
        (_client, VehicleId, Session, _inbox, _time) = (client, vehicleId, session, inbox, time);
        _replyTopic = CarrierTopics.Reply(vehicleId, session);
        _channel = new CarrierChannel(this, UnconfirmedBytesMax, key);
        _tookAt = time.GetTimestamp();
    }

    public string VehicleId { get; }

    public string Session { get; }

    /// <summary>Ends when the stream has.</summary>
    public Task Running { get; set; } = Task.CompletedTask;

    /// <summary>How long it has taken nothing though something waits.</summary>
    public TimeSpan StallsSince =>
        _channel.Waiting == 0 ? TimeSpan.Zero : _time.GetElapsedTime(Volatile.Read(ref _tookAt));

    public int PublicationBytesMax => (int)Math.Min(
        PublicationBytesTarget,
        _client.Server.PacketBytesMax - PacketOverhead - _replyTopic.Length
            - (_hasNamedInbox ? 0 : _inbox.Length + Session.Length));

    /// <summary>A publication of the vehicle; the stream's from here on.</summary>
    public void Add(MqttMessage message)
    {
        if (_channel.Waiting == 0)
            Volatile.Write(ref _tookAt, _time.GetTimestamp());
        MqttCarried carried = new(message);
        if (!_channel.Add(carried))
            carried.Dispose();
    }

    /// <summary>The vehicle is gone, or the connection.</summary>
    public void Fail(string reason) => _channel.Fail(new CarrierException(reason));

    /// <summary>Runs until either end has ended it; never fails.</summary>
    public async Task RunAsync(MqttIngestPorts ports, ILogger logger, CancellationToken cancellationToken)
    {
        ports.Meter.VehiclesConnected.Add(1);
        try
        {
            using IngestStream stream = ports.OpenStream();
            StreamEnd end = await RunAsync(stream, ports, logger, cancellationToken).ConfigureAwait(false);
            // The broker may be gone without a word.
            await _channel.EndAsync(end).AsTask().WaitAsync(Farewell, _time, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            ports.Meter.VehiclesConnected.Add(-1);
        }
    }

    public void Dispose() => _channel.Dispose();

    public async ValueTask PublishAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> data)
    {
        MqttPublishOptions options = MqttPublishOptions.AtLeastOnce;
        if (!_hasNamedInbox)
        {
            _hasNamedInbox = true;
            options = options with { ResponseTopic = _inbox, CorrelationData = Encoding.ASCII.GetBytes(Session) };
        }

        MqttPublishOutcome outcome = await _client.PublishAsync(_replyTopic, header, data, options).ConfigureAwait(false);
        if (outcome.IsDelivered && outcome.ReasonCode != MqttReasonCode.NoMatchingSubscribers)
            return;
        string code = outcome.ReasonText ?? outcome.ReasonCode.ToString();
        throw new CarrierException($"{VehicleId} is not told any more: {outcome.Status}, {code}.");
    }

    private async Task<StreamEnd> RunAsync(
        IngestStream stream, MqttIngestPorts ports, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            await stream.RunAsync(ReceiveAsync, SendAsync, cancellationToken).ConfigureAwait(false);
            return new StreamEnd { Kind = StreamEnd.Types.Kind.Done };
        }
        catch (IngestRefusal refusal)
        {
            return Refuse(stream, ports, refusal);
        }
        catch (CarrierException over) when (over.Kind == StreamEnd.Types.Kind.BadMessage)
        {
            return Refuse(stream, ports, IngestRefusal.Bad(over.Message));
        }
        catch (CarrierException over)
        {
            return new StreamEnd { Kind = StreamEnd.Types.Kind.NotNow, Reason = over.Message };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new StreamEnd
            {
                Kind = StreamEnd.Types.Kind.NotNow,
                Reason = "The gateway is stopping; another takes the next stream.",
            };
        }
#pragma warning disable CA1031 // One vehicle's stream must not end the others'.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            MqttIngestLog.StreamFailed(logger, VehicleId, failure);
            return new StreamEnd { Kind = StreamEnd.Types.Kind.NotNow, Reason = "The gateway could not go on; try again later." };
        }
    }

    private static StreamEnd Refuse(IngestStream stream, MqttIngestPorts ports, IngestRefusal refusal)
    {
        stream.NoteRefusal(refusal, ports.Meter);
        return new StreamEnd
        {
            Kind = refusal.Kind switch
            {
                IngestRefusalKind.BadMessage => StreamEnd.Types.Kind.BadMessage,
                IngestRefusalKind.NotAllowed => StreamEnd.Types.Kind.NotAllowed,
                _ => StreamEnd.Types.Kind.NotNow,
            },
            Reason = refusal.Message,
            RetryAfterMs = (ulong)Math.Ceiling(refusal.RetryAfter?.TotalMilliseconds ?? 0),
        };
    }

    private async ValueTask<UploadRequest?> ReceiveAsync(CancellationToken cancellationToken)
    {
        UploadRequest? request = await _channel.ReceiveAsync(UploadRequest.Parser, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _tookAt, _time.GetTimestamp());
        if (request?.KindCase == UploadRequest.KindOneofCase.Open && request.Open.VehicleId != VehicleId)
        {
            throw new IngestRefusal(
                IngestRefusalKind.NotAllowed,
                $"open names vehicle {request.Open.VehicleId}, and came to the topic of {VehicleId}: a vehicle writes only as "
                + $"itself. Record as {VehicleId}, or publish under {request.Open.VehicleId}.");
        }

        return request;
    }

    private ValueTask SendAsync(UploadReply reply, CancellationToken cancellationToken) =>
        _channel.SendAsync(reply, cancellationToken);
}
