using System.Buffers;
using System.IO.Pipelines;
using AvSdk.Mqtt.Transport;

namespace AvSdk.Tests.Mqtt;

/// <summary>
/// Bytes between a client and a server in this process; each way holds a bounded number. Cut, it ends for both as a broken
/// connection does.
/// </summary>
internal sealed class MemoryLink : IDisposable
{
    private readonly Pipe _toServer = NewPipe();
    private readonly Pipe _toClient = NewPipe();
    private readonly CancellationTokenSource _cut = new();
    private long _bytesLeft = long.MaxValue;

    public MemoryLink()
    {
        Client = new End(this, _toClient.Reader, _toServer.Writer);
        Server = new End(this, _toServer.Reader, _toClient.Writer);
    }

    public IMqttChannel Client { get; }

    public IMqttChannel Server { get; }

    public bool IsCut => _cut.IsCancellationRequested;

    /// <summary>After so many more bytes, counted both ways, the link breaks: the last write arrives in part.</summary>
    public void CutAfter(long bytes) => Interlocked.Exchange(ref _bytesLeft, bytes);

    public void Cut() => _cut.Cancel();

    public void Dispose() => Cut();

    private static Pipe NewPipe() => new(new PipeOptions(pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 128 * 1024,
        useSynchronizationContext: false));

    private sealed class End(MemoryLink link, PipeReader reader, PipeWriter writer) : IMqttChannel
    {
        private volatile bool _isClosed;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            using CancellationTokenSource either =
                CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, link._cut.Token);
            ReadResult read;
            try
            {
                read = await reader.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new IOException("the link was cut");
            }

            if (_isClosed)
                return 0;
            int bytes = (int)Math.Min(read.Buffer.Length, buffer.Length);
            read.Buffer.Slice(0, bytes).CopyTo(buffer.Span);
            reader.AdvanceTo(read.Buffer.GetPosition(bytes));
            return bytes;
        }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
        {
            await WriteAsync(head, cancellationToken);
            await WriteAsync(tail, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }

        // Reads its own end at once, as if the other end closed in answer.
        public async ValueTask CloseAsync(CancellationToken cancellationToken)
        {
            await writer.CompleteAsync();
            _isClosed = true;
            reader.CancelPendingRead();
        }

        // As a socket's close: what was written still arrives, and the other end reads its end.
        public async ValueTask DisposeAsync() => await writer.CompleteAsync();

        private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            if (bytes.IsEmpty)
                return;
            long left = Interlocked.Add(ref link._bytesLeft, -bytes.Length);
            int kept = left >= 0 ? bytes.Length : (int)Math.Max(0, bytes.Length + left);
            if (link.IsCut)
                throw new IOException("the link was cut");
            using CancellationTokenSource either =
                CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, link._cut.Token);
            if (kept > 0)
                await writer.WriteAsync(bytes[..kept], either.Token);
            if (left >= 0)
                return;
            link.Cut();
            throw new IOException("the link was cut");
        }
    }
}
