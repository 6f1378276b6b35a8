using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// Reads a file by its summary: what is in it without reading it, and messages by topic and time from the
/// chunks that can hold them. A file without a summary is scanned once instead, when it is opened.
/// </summary>
/// <remarks>
/// The reader itself does not change once open: cursors may be used from several threads, each from one, as
/// far as the source allows it. Which CRCs are checked: <see cref="McapReadOptions.CheckCrcs"/>.
/// </remarks>
public sealed class McapIndexedReader : IDisposable
{
    private readonly IMcapSource _source;
    private readonly McapReadOptions _options;
    private readonly FileContents _contents;
    private readonly IDisposable? _owned;

    private McapIndexedReader(
        IMcapSource source, McapReadOptions options, FileContents contents, IDisposable? owned)
    {
        _source = source;
        _options = options;
        _contents = contents;
        _owned = owned;
    }

    /// <summary>The header.</summary>
    public McapHeader Header => _contents.Header;

    /// <summary>The schemas, by id.</summary>
    public IReadOnlyDictionary<ushort, McapSchema> Schemas => _contents.Definitions.Schemas;

    /// <summary>The channels, by id.</summary>
    public IReadOnlyDictionary<ushort, McapChannel> Channels => _contents.Definitions.Channels;

    /// <summary>The chunks, as the summary has them (in file order, as a rule).</summary>
    public IReadOnlyList<McapChunkIndex> Chunks => _contents.Chunks;

    /// <summary>The attachments, as the summary has them.</summary>
    public IReadOnlyList<McapAttachmentIndex> Attachments => _contents.Attachments;

    /// <summary>The metadata records, as the summary has them.</summary>
    public IReadOnlyList<McapMetadataIndex> MetadataIndexes => _contents.Metadata;

    /// <summary>The statistics; null when the file has none.</summary>
    public McapStatistics? Statistics => _contents.Statistics;

    /// <summary>Whether a summary was there and enough; false: the file was scanned.</summary>
    public bool IsFromSummary => _contents.IsFromSummary;

    /// <summary>Opens a file on disk; disposing the reader closes it.</summary>
    /// <exception cref="McapException">The bytes are not good.</exception>
    public static McapIndexedReader Open(string path, McapReadOptions? options = null)
    {
        FileSource source = new(path);
        try
        {
            return Open(source, options, source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file; the source is borrowed.</summary>
    /// <exception cref="McapException">The bytes are not good.</exception>
    public static McapIndexedReader Open(IMcapSource source, McapReadOptions? options = null) =>
        Open(source, options, null);

    /// <summary>As <see cref="Open(IMcapSource, McapReadOptions?)"/>, awaiting the source.</summary>
    /// <exception cref="McapException">The bytes are not good.</exception>
    public static async ValueTask<McapIndexedReader> OpenAsync(
        IMcapSource source, McapReadOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= McapReadOptions.Default;
        FileContents contents = await new ContentsLoader(source, options)
            .LoadAsync(cancellationToken).ConfigureAwait(false);
        return new McapIndexedReader(source, options, contents, null);
    }

    /// <summary>The messages of a query. The caller disposes the cursor.</summary>
    /// <exception cref="ArgumentException">The time range is the wrong way round.</exception>
    /// <exception cref="McapException">Chunk indexes contradict one another.</exception>
    public McapMessageCursor Read(McapQuery query)
    {
        Check(query);
        return new McapMessageCursor(_source, _options, _contents, query);
    }

    /// <summary>
    /// For each channel of the topics the latest message with a log time before <paramref name="time"/>, in log-time
    /// order: what was known at that time. Of equal times the last in the file. Reads chunks from the latest back,
    /// and no more than it needs. The caller disposes the cursor.
    /// </summary>
    /// <param name="time">Log time, ns, exclusive.</param>
    /// <param name="topics">By their exact names; null: all.</param>
    /// <exception cref="McapException">Chunk indexes contradict one another.</exception>
    public McapMessageCursor ReadLatestBefore(ulong time, IReadOnlyCollection<string>? topics) =>
        new(_source, _options, _contents, new McapQuery { To = time, Topics = topics }, latestOnly: true);

    /// <summary>
    /// The body of a chunk, as it stands in the file: record and message indexes. The caller disposes it.
    /// </summary>
    /// <exception cref="McapException">The index points out of the file or over the limits.</exception>
    public IMemoryOwner<byte> ReadChunkBody(McapChunkIndex chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        ulong length = chunk.ChunkLength + chunk.MessageIndexLength;
        bool overflows = length < chunk.ChunkLength;
        return ReadRange(chunk.ChunkStartOffset, overflows ? ulong.MaxValue : length, _options.Limits);
    }

    /// <summary>
    /// The messages of a query, decoded; read as they are enumerated, and from the start again each time.
    /// </summary>
    /// <param name="query">Which messages, in which order.</param>
    /// <param name="decoder">Makes a value of a message.</param>
    /// <exception cref="ArgumentException">The time range is the wrong way round.</exception>
    /// <remarks>Enumerating throws <see cref="McapException"/> where the bytes are not good.</remarks>
    public IEnumerable<McapMessage<T>> Read<T>(McapQuery query, McapDecoder<T> decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        Check(query);
        return TypedReading.Read(() => Read(query), decoder);
    }

    /// <summary>As <see cref="Read{T}"/>.</summary>
    /// <exception cref="ArgumentException">The time range is the wrong way round.</exception>
    public IAsyncEnumerable<McapMessage<T>> ReadAsync<T>(McapQuery query, McapDecoder<T> decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        Check(query);
        return TypedReading.ReadAsync(() => Read(query), decoder);
    }

    /// <summary>An attachment, in memory; its CRC is checked as the options say.</summary>
    /// <exception cref="McapException">The index points elsewhere, or the bytes are not good.</exception>
    public McapAttachment ReadAttachment(McapAttachmentIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        using PooledBytes bytes = ReadRange(index.Offset, index.Length, _options.Limits);
        ReadOnlySpan<byte> content = Content(bytes.Memory.Span, McapOpcode.Attachment, index.Offset);
        return McapRecordReader.TryParseAttachment(
            content, _options.Limits, _options.CheckCrcs, out McapAttachment attachment, out McapError error)
            ? attachment
            : throw new McapException(error.In((long)index.Offset + McapFormat.RecordPrefixBytes));
    }

    /// <summary>
    /// An attachment's data as a stream that cannot seek; memory does not grow with it. The CRC is checked, as the
    /// options say, by the read that would give the last byte: until then the bytes are not vouched for. Reads
    /// throw <see cref="McapException"/>; those that await do so on the source. The caller disposes it.
    /// </summary>
    /// <exception cref="McapException">The index points out of the file.</exception>
    public Stream OpenAttachment(McapAttachmentIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        return new AttachmentStream(_source, index, _options);
    }

    /// <summary>Metadata.</summary>
    /// <exception cref="McapException">The index points elsewhere, or the bytes are not good.</exception>
    public McapMetadata ReadMetadata(McapMetadataIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        using PooledBytes bytes = ReadRange(index.Offset, index.Length, _options.Limits);
        ReadOnlySpan<byte> content = Content(bytes.Memory.Span, McapOpcode.Metadata, index.Offset);
        return McapRecordReader.TryParseMetadata(content, _options.Limits, out McapMetadata metadata,
            out McapError error)
            ? metadata
            : throw new McapException(error.In((long)index.Offset + McapFormat.RecordPrefixBytes));
    }

    /// <summary>Closes the file, if the reader opened it.</summary>
    public void Dispose() => _owned?.Dispose();

    private static McapIndexedReader Open(IMcapSource source, McapReadOptions? options, IDisposable? owned)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= McapReadOptions.Default;
        return new McapIndexedReader(source, options, new ContentsLoader(source, options).Load(), owned);
    }

    private static void Check(McapQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        query.ThrowIfInvalid();
    }

    private PooledBytes ReadRange(ulong offset, ulong length, McapLimits limits)
    {
        PooledBytes bytes = new(RecordRange.Check(offset, length, _source.Length, limits), _options.Pool);
        try
        {
            RecordRange.CheckRead((long)offset, bytes.Length, _source.ReadAt((long)offset, bytes.Memory.Span));
            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private ReadOnlySpan<byte> Content(ReadOnlySpan<byte> bytes, McapOpcode opcode, ulong offset)
    {
        McapReadStatus status = McapRecordReader.TryRead(bytes, _options.Limits, out McapRecordView record);
        return status == McapReadStatus.Ok && record.Opcode == opcode && record.TotalBytes == bytes.Length
            ? record.Content
            : throw new McapException(new McapError(McapErrorKind.IndexMismatch, (long)offset,
                $"a {opcode} record of {bytes.Length} bytes, as its index says",
                $"{record.Opcode} of {record.TotalBytes} bytes"));
    }
}
