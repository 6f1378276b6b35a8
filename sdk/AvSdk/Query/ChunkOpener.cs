using System.Buffers;
using AvSdk.Contracts;
using AvSdk.Mcap;
using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>
/// Verifies a chunk's body against the hash that the vehicle set, decompresses it (its CRC is checked), and
/// lists the selected messages.
/// </summary>
internal sealed class ChunkOpener(V1.Selection selection, long chunkBytesMax)
{
    private const int RecordPrefixBytes = 9;

    private readonly McapLimits _limits = new()
    {
        RecordBytesMax = chunkBytesMax,
        ChunkBytesMax = chunkBytesMax,
    };
    private readonly ulong _start = selection.HasStart ? selection.Start : 0;
    private readonly ulong? _end = selection.HasEnd ? selection.End : null;

    /// <summary>The chunk, the caller's to dispose. The body is borrowed until the call returns.</summary>
    /// <exception cref="AvQueryException"><see cref="AvQueryError.DamagedChunk"/>.</exception>
    public LoadedChunk Open(V1.ChunkHeader header, ReadOnlySpan<byte> body, RecordingDefinitions recording)
    {
        VerifyHash(header, body);
        if (!ChunkBody.TryParse(body, _limits, out ChunkBodyInfo info, out McapError error)
            || !ChunkBody.TryDecompress(body, info, _limits, out IMemoryOwner<byte>? records, out error))
        {
            throw Damaged(header, error.Message);
        }

        V1.ChunkRef name = header.Ref;
        LoadedChunk chunk = new(
            new ChunkKey(recording.VehicleId, recording.RecordingId, name.Lane, name.Sequence),
            new MessageOrigin(
                recording.VehicleId, recording.RecordingId, name.Lane, name.Sequence, header.Sha256.Memory),
            header.FirstLogTime, recording.Selected, records,
            (int)Math.Min(info.MessageCount, records.Memory.Length));
        try
        {
            List(chunk, header, records.Memory.Span, recording);
            chunk.Sort();
            return chunk;
        }
        catch
        {
            chunk.Dispose();
            throw;
        }
    }

    private void List(
        LoadedChunk chunk, V1.ChunkHeader header, ReadOnlySpan<byte> records, RecordingDefinitions recording)
    {
        int at = 0;
        while (at < records.Length)
        {
            McapReadStatus status =
                McapRecordReader.TryRead(records[at..], _limits, out McapRecordView record,
                    out McapError error);
            if (status != McapReadStatus.Ok)
                throw Damaged(header,
                    status == McapReadStatus.Error ? error.In(at).Message : "its last record is cut short");
            if (record.Opcode == McapOpcode.Message)
            {
                if (!McapRecordReader.TryParseMessage(record.Content, out McapMessageView message, out error))
                    throw Damaged(header, error.In(at).Message);
                Check(header, message, recording);
                if (IsSelected(message, recording))
                {
                    int payloadOffset = at + RecordPrefixBytes + record.Content.Length - message.Data.Length;
                    chunk.Add(new MessageSlot(
                        message.LogTime, message.PublishTime, message.Sequence, message.ChannelId,
                        payloadOffset, message.Data.Length));
                }
            }

            at += (int)record.TotalBytes;
        }
    }

    private bool IsSelected(in McapMessageView message, RecordingDefinitions recording) =>
        message.LogTime >= _start && !(message.LogTime >= _end)
            && recording.Selected.ContainsKey(message.ChannelId);

    // The merge's order rests on the header's times, which the hash does not cover.
    private static void Check(
        V1.ChunkHeader header, in McapMessageView message, RecordingDefinitions recording)
    {
        if (message.LogTime < header.FirstLogTime || message.LogTime > header.LastLogTime)
        {
            throw Damaged(header, $"a message of log time {message.LogTime} ns is outside of its header's "
                + $"{header.FirstLogTime} to {header.LastLogTime} ns");
        }

        if (!recording.Defines(message.ChannelId))
            throw Damaged(header,
                $"a message is of channel {message.ChannelId}, which the recording does not have");
    }

    private static void VerifyHash(V1.ChunkHeader header, ReadOnlySpan<byte> body)
    {
        Span<byte> actual = stackalloc byte[ChunkHash.Bytes];
        ChunkHash.Compute(header.PreviousSha256.Span, body, actual);
        if (!actual.SequenceEqual(header.Sha256.Span))
        {
            throw Damaged(header, $"its SHA-256 is {Convert.ToHexStringLower(actual)}, the vehicle set "
                + $"{Convert.ToHexStringLower(header.Sha256.Span)}");
        }
    }

    private static AvQueryException Damaged(V1.ChunkHeader header, string what)
    {
        string recording = RecordingIds.TryParse(header.Ref.RecordingId, out Guid id) ? id.ToString() : "?";
        return new AvQueryException(AvQueryError.DamagedChunk,
            $"Chunk {header.Ref.Sequence} of lane {header.Ref.Lane}, recording {recording}, is damaged: "
            + $"{what}. Read again; if it stays so, the copy in the gateway's store is bad: restore its pack, or "
            + "read with AvClientOptions.DamagedChunks = Skip.");
    }
}
