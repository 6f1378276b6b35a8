using System.Buffers;
using AvSdk.Mcap.Tool.Progress;

namespace AvSdk.Mcap.Tool.Edits;

/// <summary>
/// Keeps some topics and times of a file, in file order and under the ids that they have. A chunk that is wanted
/// whole is copied as it stands, without decompression; one that is not wanted is not even read.
/// </summary>
internal sealed class FilterEdit
{
    private readonly McapIndexedReader _reader;
    private readonly McapWriter _writer;
    private readonly FilterSelection _selection;
    private readonly IReadOnlyDictionary<ushort, McapChannel> _channels;
    private readonly string? _compression;
    private ulong _messages;
    private int _chunksCopied;

    private FilterEdit(McapIndexedReader reader, McapWriter writer, FilterSelection selection, string? compression)
    {
        _reader = reader;
        _writer = writer;
        _selection = selection;
        _compression = compression;
        _channels = reader.Channels.Values.Where(channel => selection.Topics.Wants(channel.Topic))
            .ToDictionary(channel => channel.Id);
    }

    /// <param name="compression">
    /// Only chunks of this compression are copied as they stand; null: whatever their compression.
    /// </param>
    /// <exception cref="McapException">The input's bytes are not good.</exception>
    public static EditReport Run(
        McapIndexedReader reader, McapWriter writer, FilterSelection selection, string? compression,
        IProgress<WorkDone>? progress, CancellationToken cancellationToken) =>
        new FilterEdit(reader, writer, selection, compression).Run(progress, cancellationToken);

    private EditReport Run(IProgress<WorkDone>? progress, CancellationToken cancellationToken)
    {
        ExtrasCopy.Definitions(_reader, _writer, [.. _channels.Values]);
        int metadata = _selection.KeepsMetadata ? ExtrasCopy.Metadata(_reader, _writer) : 0;
        int attachments = _selection.KeepsAttachments
            ? ExtrasCopy.Attachments(_reader, _writer, cancellationToken) : 0;
        if (_reader.IsFromSummary)
            CopyChunks(progress, cancellationToken);
        else
            CopyMessages(cancellationToken);
        return new EditReport
        {
            Messages = _messages,
            Channels = _channels.Count,
            Metadata = metadata,
            Attachments = attachments,
            ChunksCopied = _chunksCopied,
        };
    }

    private void CopyChunks(IProgress<WorkDone>? progress, CancellationToken cancellationToken)
    {
        McapChunkIndex[] chunks = [.. _reader.Chunks.OrderBy(chunk => chunk.ChunkStartOffset)];
        for (int i = 0; i < chunks.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report(new WorkDone(i, chunks.Length));
            McapChunkIndex chunk = chunks[i];
            IEnumerable<ushort> channels = chunk.MessageIndexOffsets.Keys;
            bool isIndexed = chunk.MessageIndexOffsets.Count > 0;
            if (!_selection.Touches(chunk.MessageStartTime, chunk.MessageEndTime)
                || (isIndexed && !channels.Any(_channels.ContainsKey)))
            {
                continue;
            }

            bool isWhole = isIndexed && channels.All(_channels.ContainsKey)
                && _selection.Holds(chunk.MessageStartTime, chunk.MessageEndTime)
                && (_compression ?? chunk.Compression) == chunk.Compression;
            using IMemoryOwner<byte> body = _reader.ReadChunkBody(chunk);
            if (isWhole)
                CopyWhole(body.Memory.Span, chunk);
            else
                CopyPart(body.Memory.Span, chunk);
        }
    }

    private void CopyWhole(ReadOnlySpan<byte> body, McapChunkIndex chunk)
    {
        if (!ChunkBody.TryParse(body, McapLimits.Default, out ChunkBodyInfo info, out McapError error))
            throw new McapException(error.In((long)chunk.ChunkStartOffset));
        _writer.WriteChunkBody(body);
        _messages += (ulong)info.MessageCount;
        _chunksCopied++;
    }

    private void CopyPart(ReadOnlySpan<byte> body, McapChunkIndex chunk)
    {
        if (!ChunkBody.TryParse(body, McapLimits.Default, out ChunkBodyInfo info, out McapError error)
            || !ChunkBody.TryDecompress(body, info, McapLimits.Default, out IMemoryOwner<byte>? records, out error))
        {
            throw new McapException(error.In((long)chunk.ChunkStartOffset));
        }

        using (records)
        {
            foreach (McapMessageView message in ChunkBody.Messages(records.Memory.Span))
            {
                if (_channels.ContainsKey(message.ChannelId) && _selection.Holds(message.LogTime, message.LogTime))
                    Write(message);
            }
        }
    }

    // Where there is no summary the messages may stand anywhere, in chunks or not.
    private void CopyMessages(CancellationToken cancellationToken)
    {
        McapQuery query = new()
        {
            Topics = [.. _channels.Values.Select(channel => channel.Topic)],
            From = _selection.From,
            To = _selection.To,
            Order = McapOrder.File,
        };
        using McapMessageCursor messages = _reader.Read(query);
        while (messages.MoveNext())
        {
            if (WorkDone.IsTime(_messages))
                cancellationToken.ThrowIfCancellationRequested();
            Write(messages.Current);
        }
    }

    private void Write(in McapMessageView message)
    {
        _writer.WriteMessage(message.ChannelId, message.Sequence, message.LogTime, message.PublishTime, message.Data);
        _messages++;
    }
}
