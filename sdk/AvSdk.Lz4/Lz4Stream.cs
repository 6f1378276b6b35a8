using System.Buffers;
using System.IO.Compression;

namespace AvSdk.Lz4;

/// <summary>A stream that decodes LZ4 frames from another stream, or encodes one frame into it.</summary>
/// <remarks>
/// Reads or writes, never both; does not seek. Not thread-safe. Reading takes concatenated frames as one
/// content, gives out what is right before a damage, then throws <see cref="Lz4Exception"/>; so it does for
/// an input that ends early, or is empty. A written frame is only whole after disposal; after an exception of
/// the inner stream writing is refused and disposal writes nothing.
/// </remarks>
public sealed class Lz4Stream : Stream
{
    private const int ReadBytes = 64 * 1024;

    private readonly Stream _inner;
    private readonly bool _leaveOpen;
    private readonly Lz4FrameDecoder? _decoder;
    private readonly Lz4FrameEncoder? _encoder;
    private readonly ArrayBufferWriter<byte> _encoded = new();
    private byte[] _read = [];
    private int _readStart;
    private int _readEnd;
    private bool _innerEnded;
    private bool _failed;
    private bool _disposed;

    /// <summary>Wraps a stream, with the default options for writing.</summary>
    /// <param name="inner">Where the frames come from, or where the frame goes.</param>
    /// <param name="mode">Whether this stream is read (decompress) or written (compress).</param>
    /// <param name="leaveOpen">Whether the inner stream stays open on disposal; default false.</param>
    public Lz4Stream(Stream inner, CompressionMode mode, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _leaveOpen = leaveOpen;
        if (mode == CompressionMode.Decompress)
            _decoder = new Lz4FrameDecoder();
        else
            _encoder = new Lz4FrameEncoder(Lz4FrameOptions.Default);
    }

    /// <summary>Writes a frame to a stream.</summary>
    /// <param name="inner">Where the frame goes.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="contentBytes">The length of all the content, if it is known.</param>
    /// <param name="leaveOpen">Whether the inner stream stays open on disposal; default false.</param>
    public Lz4Stream(Stream inner, Lz4FrameOptions options, long? contentBytes = null, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _leaveOpen = leaveOpen;
        _encoder = new Lz4FrameEncoder(options, contentBytes);
    }

    /// <inheritdoc/>
    public override bool CanRead => _decoder is not null && !_disposed;

    /// <inheritdoc/>
    public override bool CanWrite => _encoder is not null && !_disposed;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <summary>Not supported.</summary>
    public override long Length => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Decodes the next bytes of the content.</summary>
    /// <param name="buffer">Where they go; with room for a whole block one copy is saved.</param>
    /// <returns>The number of bytes; 0 at the end of the inner stream.</returns>
    /// <exception cref="Lz4Exception">The frames are damaged or end early.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            if (TryDecode(buffer, out int written))
                return written;
            Received(_inner.Read(_read));
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Decodes the next bytes of the content.</summary>
    /// <param name="buffer">Where they go; borrowed until the task ends.</param>
    /// <param name="cancellationToken">Ends the wait for the inner stream.</param>
    /// <returns>The number of bytes; 0 at the end of the inner stream.</returns>
    /// <exception cref="Lz4Exception">The frames are damaged or end early.</exception>
    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (TryDecode(buffer.Span, out int written))
                return written;
            Received(await _inner.ReadAsync(_read, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Adds content; full blocks go to the inner stream.</summary>
    /// <param name="buffer">The content; not kept.</param>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Writer().Append(buffer, _encoded);
        Send();
    }

    /// <inheritdoc/>
    public override Task WriteAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Adds content; full blocks go to the inner stream.</summary>
    /// <param name="buffer">The content; borrowed until the task ends.</param>
    /// <param name="cancellationToken">Cancels; the frame cannot be continued afterwards.</param>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Writer().Append(buffer.Span, _encoded);
        await SendAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the block being gathered and flushes the inner stream. A reader does nothing.</summary>
    public override void Flush()
    {
        if (_encoder is null)
            return;
        Writer().Flush(_encoded);
        Send();
        _inner.Flush();
    }

    /// <summary>Ends the block being gathered and flushes the inner stream. A reader does nothing.</summary>
    /// <param name="cancellationToken">Cancels; the frame cannot be continued afterwards.</param>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_encoder is null)
            return;
        Writer().Flush(_encoded);
        await SendAsync(cancellationToken).ConfigureAwait(false);
        await _inner.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Not supported.</summary>
    /// <param name="offset">Unused.</param>
    /// <param name="origin">Unused.</param>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <param name="value">Unused.</param>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Finishes the frame and closes the inner stream, unless it is to stay open.</summary>
    /// <param name="disposing">False when called by a finaliser.</param>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            try
            {
                if (_encoder is not null && !_failed)
                {
                    _encoder.Finish(_encoded);
                    Send();
                }
            }
            finally
            {
                Release();
                if (!_leaveOpen)
                    _inner.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>Finishes the frame and closes the inner stream, unless it is to stay open.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        try
        {
            if (_encoder is not null && !_failed)
            {
                _encoder.Finish(_encoded);
                await SendAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            Release();
            if (!_leaveOpen)
                await _inner.DisposeAsync().ConfigureAwait(false);
            await base.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// True with content, or at the end; false when bytes of the inner stream are needed first.
    /// </summary>
    private bool TryDecode(Span<byte> buffer, out int written)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_decoder is null)
            throw new NotSupportedException("This stream writes.");
        written = 0;
        if (buffer.IsEmpty)
            return true;
        ReadOnlySpan<byte> input = _read.AsSpan(_readStart, _readEnd - _readStart);
        Lz4Result result = _decoder.Decode(input, buffer, out int consumed, out written);
        _readStart += consumed;
        if (written > 0)
            return true;
        result.ThrowIfError();
        if (_innerEnded)
        {
            _decoder.Finish().ThrowIfError();
            return true;
        }

        if (_read.Length == 0)
            _read = ArrayPool<byte>.Shared.Rent(ReadBytes);
        return false;
    }

    private void Received(int bytes)
    {
        _readStart = 0;
        _readEnd = bytes;
        _innerEnded = bytes == 0;
    }

    private Lz4FrameEncoder Writer()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_encoder is null)
            throw new NotSupportedException("This stream reads.");
        if (_failed)
            throw new InvalidOperationException("Writing failed before; the frame cannot be continued.");
        return _encoder;
    }

    private void Send()
    {
        _failed = true;
        _inner.Write(_encoded.WrittenSpan);
        _encoded.ResetWrittenCount();
        _failed = false;
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        _failed = true;
        await _inner.WriteAsync(_encoded.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _encoded.ResetWrittenCount();
        _failed = false;
    }

    private void Release()
    {
        _disposed = true;
        _decoder?.Dispose();
        _encoder?.Dispose();
        if (_read.Length > 0)
            ArrayPool<byte>.Shared.Return(_read);
        _read = [];
    }
}
