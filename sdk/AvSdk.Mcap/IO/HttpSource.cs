using System.Net.Http.Headers;

namespace AvSdk.Mcap;

/// <summary>
/// A file on a web server or in object storage, read by range requests (RFC 9110, section 14). Opening it sends two
/// at once, for its first and its last bytes: a reader then needs no more to know what is in it, unless the summary
/// is larger than 128 KiB.
/// </summary>
/// <remarks>
/// Each range is asked for with the ETag or the date that the file had when it was opened: one that changes is
/// an error, never a mixture. Nothing is tried again: give the <see cref="HttpClient"/> a handler that does. Safe for
/// several readers at once.
/// </remarks>
public sealed class HttpSource : IMcapRemoteSource
{
    private readonly HttpRanges _ranges;
    private readonly byte[] _head;
    private readonly byte[] _tail;

    private HttpSource(HttpRanges ranges, byte[] head, byte[] tail, long length)
    {
        _ranges = ranges;
        _head = head;
        _tail = tail;
        Length = length;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int MergedBytesMax => 8 << 20;

    /// <inheritdoc/>
    public int GapBytesMax => 256 << 10;

    private long TailOffset => Length - _tail.Length;

    /// <summary>Opens a file.</summary>
    /// <param name="client">
    /// Borrowed while the source is in use; what it needs to be let in (a header, a handler) is its own.
    /// </param>
    /// <param name="uri">Absolute, or from the client's base address.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HttpRequestException">
    /// The file is not there, or cannot be read by ranges; the message says what to do. Reads throw it, too.
    /// </exception>
    public static async Task<HttpSource> OpenAsync(HttpClient client, Uri uri, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(uri);
        HttpRanges ranges = new(client, uri);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<HttpPart?> headTask = ranges.OpenAsync(
            new RangeHeaderValue(0, ContentsLoader.HeadReadBytes - 1), ContentsLoader.HeadReadBytes, both.Token);
        Task<HttpPart?> tailTask = ranges.OpenAsync(
            new RangeHeaderValue(null, ContentsLoader.TailReadBytes), ContentsLoader.TailReadBytes, both.Token);
        HttpPart head;
        HttpPart? tail;
        try
        {
            head = (await headTask.ConfigureAwait(false))!;
            tail = await tailTask.ConfigureAwait(false);
        }
        catch
        {
            // The other one is of no use any more, and nobody would look at what became of it.
            await both.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll((Task)headTask, tailTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        // Some storage knows ranges and not those that count from the end.
        tail ??= (await ranges.OpenAsync(
            new RangeHeaderValue(
                Math.Max(0, head.FileBytes - ContentsLoader.TailReadBytes), Math.Max(0, head.FileBytes - 1)),
            ContentsLoader.TailReadBytes, cancellationToken).ConfigureAwait(false))!;
        ranges.Pin(head, tail);
        return new HttpSource(ranges, head.Bytes, tail.Bytes, tail.FileBytes);
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The server did not give the bytes; the message says what to do.</exception>
    public int ReadAt(long offset, Span<byte> destination)
    {
        int missing = Missing(offset, destination.Length, out int kept);
        if (missing > 0)
            _ranges.Read(offset, destination[..missing], Length);
        CopyKept(offset, destination, missing, kept);
        return missing + kept;
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The server did not give the bytes; the message says what to do.</exception>
    public async ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        int missing = Missing(offset, destination.Length, out int kept);
        if (missing > 0)
            await _ranges.ReadAsync(offset, destination[..missing], Length, cancellationToken).ConfigureAwait(false);
        CopyKept(offset, destination.Span, missing, kept);
        return missing + kept;
    }

    // How many bytes have to be asked for; those after them are kept from the opening.
    private int Missing(long offset, int count, out int kept)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        int bytes = (int)Math.Min(count, Math.Max(0, Length - offset));
        kept = offset + bytes <= _head.Length
            ? bytes
            : (int)Math.Clamp(offset + bytes - TailOffset, 0, bytes);
        return bytes - kept;
    }

    private void CopyKept(long offset, Span<byte> destination, int missing, int kept)
    {
        if (kept == 0)
            return;
        long from = offset + missing;
        ReadOnlySpan<byte> source = from + kept <= _head.Length
            ? _head.AsSpan((int)from, kept)
            : _tail.AsSpan((int)(from - TailOffset), kept);
        source.CopyTo(destination[missing..]);
    }
}
