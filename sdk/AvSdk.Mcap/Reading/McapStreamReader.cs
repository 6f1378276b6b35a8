namespace AvSdk.Mcap;

/// <summary>
/// Reads a file from a stream, from its beginning, record by record, chunks unpacked, everything checked. For
/// the messages alone in log-time order, by topic or by time, see <see cref="McapIndexedReader"/>.
/// </summary>
/// <remarks>
/// What the properties give is borrowed until the next read. One thread at a time. Memory: the largest record
/// and the largest chunk.
/// </remarks>
public sealed class McapStreamReader : IDisposable
{
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly McapStreamDecoder _decoder;

    /// <summary>A reader at the beginning of a file.</summary>
    /// <param name="stream">Read from where it stands.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="leaveOpen">False: disposing the reader disposes the stream.</param>
    public McapStreamReader(Stream stream, McapReadOptions? options = null, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _leaveOpen = leaveOpen;
        _decoder = new McapStreamDecoder(options);
    }

    /// <summary>The header; null until it came.</summary>
    public McapHeader? Header => _decoder.Header;

    /// <summary>The schemas so far, by id.</summary>
    public IReadOnlyDictionary<ushort, McapSchema> Schemas => _decoder.Schemas;

    /// <summary>The channels so far, by id.</summary>
    public IReadOnlyDictionary<ushort, McapChannel> Channels => _decoder.Channels;

    /// <summary>The kind of the record at hand.</summary>
    public McapOpcode Opcode => _decoder.Opcode;

    /// <summary>The content of the record at hand; of a chunk, as it stands in the file.</summary>
    public ReadOnlySpan<byte> Content => _decoder.Content;

    /// <summary>Whether the record at hand came out of a chunk.</summary>
    public bool IsInChunk => _decoder.IsInChunk;

    /// <summary>Whether the summary has begun: definitions repeat from here on.</summary>
    public bool IsInSummary => _decoder.IsInSummary;

    /// <summary>File offset of the record at hand; of the chunk, for one that came out of it.</summary>
    public long RecordOffset => _decoder.RecordOffset;

    /// <summary>The message at hand, when the record is one.</summary>
    public McapMessageView Message => _decoder.Message;

    /// <summary>The channel of the message at hand, when the record is one.</summary>
    public McapChannel MessageChannel => _decoder.MessageChannel;

    /// <summary>Goes to the next record; false at the end of a whole file.</summary>
    /// <exception cref="McapException">The bytes are not good.</exception>
    public bool Read()
    {
        while (true)
        {
            McapDecodeStatus status = _decoder.Read();
            if (status != McapDecodeStatus.NeedInput)
                return Answer(status);
            _decoder.Commit(_stream.Read(_decoder.GetInput().Span));
        }
    }

    /// <summary>As <see cref="Read"/>.</summary>
    /// <exception cref="McapException">The bytes are not good.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            McapDecodeStatus status = _decoder.Read();
            if (status != McapDecodeStatus.NeedInput)
                return Answer(status);
            _decoder.Commit(
                await _stream.ReadAsync(_decoder.GetInput(), cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Goes to the next message, past all other records; false at the end of a whole file.</summary>
    /// <exception cref="McapException">The bytes are not good.</exception>
    public bool ReadMessage()
    {
        while (Read())
        {
            if (Opcode == McapOpcode.Message)
                return true;
        }

        return false;
    }

    /// <summary>As <see cref="ReadMessage"/>.</summary>
    /// <exception cref="McapException">The bytes are not good.</exception>
    public async ValueTask<bool> ReadMessageAsync(CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (Opcode == McapOpcode.Message)
                return true;
        }

        return false;
    }

    /// <summary>Gives memory back, and the stream unless it is to be left open.</summary>
    public void Dispose()
    {
        _decoder.Dispose();
        if (!_leaveOpen)
            _stream.Dispose();
    }

    private bool Answer(McapDecodeStatus status) => status switch
    {
        McapDecodeStatus.Record => true,
        McapDecodeStatus.End => false,
        _ => throw new McapException(_decoder.Error),
    };
}
