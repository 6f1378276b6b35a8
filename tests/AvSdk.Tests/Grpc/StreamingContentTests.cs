using AvSdk.Grpc.Transport;

namespace AvSdk.Tests.Grpc;

public sealed class StreamingContentTests
{
    [Fact]
    public async Task Who_waits_to_write_is_told_when_the_stream_ended_before_the_headers_were_out()
    {
        using StreamingContent content = new();
        Task<Stream> waiting = content.Stream;

        await Assert.ThrowsAsync<HttpRequestException>(() => content.CopyToAsync(new EndedStream(), TestContext.Current.CancellationToken));

        IOException told = await Assert.ThrowsAsync<IOException>(
            () => waiting.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
        Assert.Equal("RST_STREAM", told.Message);
    }

    /// <summary>Fails as an HTTP/2 stream does that the peer has reset.</summary>
    private sealed class EndedStream : MemoryStream
    {
        public override Task FlushAsync(CancellationToken cancellationToken) => throw new IOException("RST_STREAM");
    }
}
