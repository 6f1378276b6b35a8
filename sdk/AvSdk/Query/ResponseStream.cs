namespace AvSdk.Query;

/// <summary>The content of a response, which goes with it. Forwards only.</summary>
internal sealed class ResponseStream(Stream content, HttpResponseMessage response, IAsyncDisposable connection) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length =>
        throw new NotSupportedException("The length of an export is not known before its end.");

    public override long Position
    {
        get => throw new NotSupportedException("An export is read forwards only.");
        set => throw new NotSupportedException("An export is read forwards only.");
    }

    public override int Read(byte[] buffer, int offset, int count) => content.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => content.Read(buffer);

    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        content.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        content.ReadAsync(buffer, offset, count, cancellationToken);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("An export is read forwards only.");

    public override void SetLength(long value) => throw new NotSupportedException("An export is read only.");

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("An export is read only.");

    public override async ValueTask DisposeAsync()
    {
        await content.DisposeAsync().ConfigureAwait(false);
        response.Dispose();
        await connection.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
            response.Dispose();
            // Given back without waiting.
            _ = connection.DisposeAsync().AsTask();
        }

        base.Dispose(disposing);
    }
}
