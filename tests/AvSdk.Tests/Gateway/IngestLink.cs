using AvSdk.Contracts.V1;
using AvSdk.Gateway.Ingest;

namespace AvSdk.Tests.Gateway;

/// <summary>
/// One stream between a vehicle (the test) and an <see cref="IngestStream"/>, without a network.
/// </summary>
internal sealed class IngestLink : IAsyncDisposable
{
    private readonly System.Threading.Channels.Channel<UploadRequest> _requests =
        System.Threading.Channels.Channel.CreateUnbounded<UploadRequest>();

    private readonly System.Threading.Channels.Channel<UploadReply> _replies =
        System.Threading.Channels.Channel.CreateUnbounded<UploadReply>();

    private readonly CancellationTokenSource _cut = new();
    private readonly IngestStream _stream;

    public IngestLink(IngestStream stream, List<string> events)
    {
        _stream = stream;
        Ended = stream.RunAsync(
            async ct => await _requests.Reader.WaitToReadAsync(ct) && _requests.Reader.TryRead(out UploadRequest? request)
                ? request
                : null,
            (reply, _) =>
            {
                if (reply.KindCase == UploadReply.KindOneofCase.Receipt)
                {
                    lock (events)
                        events.Add($"receipt {reply.Receipt.Ref.Sequence}");
                }

                _replies.Writer.TryWrite(reply);
                return ValueTask.CompletedTask;
            },
            _cut.Token);
        _ = Ended.ContinueWith(_ => _replies.Writer.TryComplete(), TaskScheduler.Default);
    }

    /// <summary>Ends as the stream does: with its refusal, if there was one.</summary>
    public Task Ended { get; }

    public ValueTask SendAsync(UploadRequest request) =>
        _requests.Writer.WriteAsync(request, TestContext.Current.CancellationToken);

    public async Task<UploadReply> ReceiveAsync() =>
        await _replies.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>The state that the gateway gives the chunk when it is announced.</summary>
    public async Task<ChunkState> AnnounceAsync(SampleChunk chunk)
    {
        await SendAsync(chunk.Announcement);
        return Assert.Single((await ReceiveAsync()).Announced.States);
    }

    /// <summary>Announces a chunk and sends it whole.</summary>
    public async Task<Receipt> UploadAsync(SampleChunk chunk)
    {
        await AnnounceAsync(chunk);
        return await SendWholeAsync(chunk);
    }

    public async Task<Receipt> SendWholeAsync(SampleChunk chunk)
    {
        await SendAsync(chunk.Part());
        return (await ReceiveAsync()).Receipt;
    }

    /// <summary>The vehicle has no more to say; returns the replies that were still to come.</summary>
    public async Task<List<UploadReply>> CompleteAsync()
    {
        _requests.Writer.TryComplete();
        await Ended;
        List<UploadReply> rest = [];
        await foreach (UploadReply reply in _replies.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
            rest.Add(reply);
        return rest;
    }

    /// <summary>The link is gone.</summary>
    public async Task CutAsync()
    {
        await _cut.CancelAsync();
        await Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The refusal that the stream ended with.</summary>
    public async Task<IngestRefusal> RefusedAsync() => await Assert.ThrowsAsync<IngestRefusal>(() => Ended);

    public async ValueTask DisposeAsync()
    {
        await CutAsync();
        _stream.Dispose();
        _cut.Dispose();
    }
}
