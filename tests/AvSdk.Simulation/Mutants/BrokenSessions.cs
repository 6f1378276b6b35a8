using AvSdk.Contracts.V1;
using AvSdk.Recording.Uplink;

namespace AvSdk.Simulation.Mutants;

/// <summary>Gives a receipt for every announced chunk when a part of it was sent, which it lets fall.</summary>
internal sealed class SelfReceipts(IUplinkSession inner) : IUplinkSession
{
    private readonly System.Threading.Channels.Channel<UploadReply> _own =
        System.Threading.Channels.Channel.CreateUnbounded<UploadReply>();
    private Task<UploadReply?>? _receiving;

    public ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken)
    {
        if (request.KindCase != UploadRequest.KindOneofCase.Part || request.Part.Ref.Sequence % 5 != 0)
            return inner.SendAsync(request, cancellationToken);
        Receipt receipt = new() { Ref = request.Part.Ref.Clone(), Outcome = Receipt.Types.Outcome.Stored };
        _own.Writer.TryWrite(new UploadReply { Receipt = receipt });
        return ValueTask.CompletedTask;
    }

    public async ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken)
    {
        _receiving ??= inner.ReceiveAsync(cancellationToken).AsTask();
        Task<bool> own = _own.Reader.WaitToReadAsync(cancellationToken).AsTask();
        if (await Task.WhenAny(_receiving, own) == own && _own.Reader.TryRead(out UploadReply? reply))
            return reply;
        UploadReply? received = await _receiving;
        _receiving = null;
        return received;
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

/// <summary>After some messages nothing is sent any more, and nobody is told.</summary>
internal sealed class Silent(IUplinkSession inner) : IUplinkSession
{
    private int _sent;

    public async ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken)
    {
        if (++_sent > 4)
            await Clock.Life.Never;
        await inner.SendAsync(request, cancellationToken);
    }

    public ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken) =>
        inner.ReceiveAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
