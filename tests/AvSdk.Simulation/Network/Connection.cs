using AvSdk.Contracts.V1;
using AvSdk.Gateway.Ingest;
using AvSdk.Recording.Uplink;
using AvSdk.Simulation.Clock;
using Google.Protobuf;

namespace AvSdk.Simulation.Network;

/// <summary>One connection: two pipes, two ends.</summary>
internal sealed class Connection(VirtualClock clock, Link link, Life car, Life gateway) : IConnection
{
    private readonly Pipe _up = new(clock, link);
    private readonly Pipe _down = new(clock, link);
    private readonly CancellationTokenSource _gatewayLost = new();

    /// <summary>Both ends know that it is over.</summary>
    public bool IsOver { get; private set; }

    public bool IsCut { get; private set; }

    public Life Client => car;

    public Life GatewayLife => gateway;

    /// <summary>The gateway's end learned that the car is gone.</summary>
    public CancellationToken GatewayLost => _gatewayLost.Token;

    public IUplinkSession CarEnd => new Session(this);

    public void Cut(bool losesUp, bool losesDown, TimeSpan? clientLearns, TimeSpan? serverLearns)
    {
        if (IsCut)
            return;
        IsCut = true;
        Pipe.CutBoth(clock, _up, _down, losesUp, losesDown, clientLearns, new UplinkException("The link was cut."));
        if (serverLearns is { } afterGateway)
            clock.After(afterGateway, EndGatewaySide);
    }

    public async ValueTask<UploadRequest?> GatewayReceiveAsync(CancellationToken cancellationToken) =>
        await _up.ReceiveAsync(cancellationToken) is { } bytes ? UploadRequest.Parser.ParseFrom(bytes) : null;

    public ValueTask GatewaySendAsync(UploadReply reply, CancellationToken cancellationToken) =>
        _down.SendAsync(reply.ToByteArray(), cancellationToken);

    /// <summary>The gateway ended the stream, in order or with an error.</summary>
    public void GatewayClosed(Exception? error)
    {
        if (error is null)
        {
            _down.Close();
            return;
        }

        // As GatewayGrpc and GrpcUplinkSession translate it.
        bool isTransient = error is not IngestRefusal { Kind: not IngestRefusalKind.NotNow };
        clock.After(link.Delay(0), () =>
        {
            UplinkException told = new("The gateway: " + error.Message, isTransient);
            _down.FailReceiver(told);
            _up.FailSender(told);
        });
    }

    private void EndGatewaySide()
    {
        if (gateway.IsOver || _gatewayLost.IsCancellationRequested)
            return;
        IsOver = true;
        _gatewayLost.Cancel();
    }

    private sealed class Session(Connection connection) : IUplinkSession
    {
        public async ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken)
        {
            await connection.CarIsAliveAsync();
            await connection._up.SendAsync(request.ToByteArray(), cancellationToken);
        }

        public async ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken)
        {
            byte[]? bytes = await connection._down.ReceiveAsync(cancellationToken);
            await connection.CarIsAliveAsync();
            return bytes is null ? null : UploadReply.Parser.ParseFrom(bytes);
        }

        // The kernel tells the other end.
        public ValueTask DisposeAsync()
        {
            if (!connection.Client.IsOver)
                connection.Cut(losesUp: false, losesDown: true, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
            return ValueTask.CompletedTask;
        }
    }

    private Task CarIsAliveAsync() => car.IsOver ? Life.Never : Task.CompletedTask;
}
