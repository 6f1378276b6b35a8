using System.Buffers;
using System.Runtime.InteropServices;
using AvSdk.Lz4;

namespace AvSdk.Mcap;

/// <summary>
/// The well-framed records of a damaged chunk, as far as its bytes can be decompressed. Nothing vouches for them.
/// </summary>
internal sealed class ChunkSalvage(RecoveredDefinitions definitions, McapLimits limits, CancellationToken cancel)
{
    private const int StepBytes = 64 * 1024;

    private readonly Dictionary<ushort, long> _channels = [];
    private long _messages;
    private long _privates;

    /// <summary>Takes what can be had of a Chunk record's content, whole or cut off.</summary>
    public ChunkTaken Take(ReadOnlySpan<byte> content, McapWriter writer)
    {
        _channels.Clear();
        _messages = _privates = 0;
        FieldReader fields = new(content, limits);
        fields.ReadUInt64("message_start_time");
        fields.ReadUInt64("message_end_time");
        ulong size = fields.ReadUInt64("uncompressed_size");
        fields.ReadUInt32("uncompressed_crc");
        string compression = fields.ReadText("compression");
        ulong recordsBytes = fields.ReadUInt64("records");
        if (!fields.Finish(out _))
            return ChunkTaken.Skipped;
        ReadOnlySpan<byte> records = content[fields.At..];
        if (recordsBytes < (ulong)records.Length)
            records = records[..(int)recordsBytes];
        ArrayBufferWriter<byte> plain = new();
        switch (compression)
        {
            case "":
                plain.Write(records);
                break;
            case ChunkCompression.Lz4Name:
                DecodeFrames(records, plain);
                break;
            default:
                DecompressWhole(records, (long)Math.Min(size, long.MaxValue), compression, plain);
                break;
        }

        TakeRecords(plain.WrittenMemory, writer);
        return new ChunkTaken(_messages > 0 ? ChunkTakenKind.Rewritten : ChunkTakenKind.Skipped)
        {
            Channels = _channels,
            Messages = _messages,
            PrivateRecords = _privates,
            IsSalvaged = true,
        };
    }

    /// <summary>The same of a gap that begins with a Chunk record; nothing of another one.</summary>
    public ChunkTaken TakeTorn(RecordWalker gap, IMcapSource source, McapWriter writer)
    {
        int bytes = (int)Math.Min(gap.Bytes, Math.Min(limits.RecordBytesMax, Array.MaxLength - StepBytes));
        using SourceView window = new(source);
        if (bytes <= McapFormat.RecordPrefixBytes || window.At(gap.Offset, 1) is not [(byte)McapOpcode.Chunk])
            return default;
        return Take(window.At(gap.Offset, bytes)[McapFormat.RecordPrefixBytes..], writer) switch
        {
            { Messages: 0 } => default,
            ChunkTaken taken => taken,
        };
    }

    // Up to the first damaged block, or the limit.
    private void DecodeFrames(ReadOnlySpan<byte> frames, ArrayBufferWriter<byte> plain)
    {
        using Lz4FrameDecoder decoder = new();
        while (plain.WrittenCount <= limits.ChunkBytesMax - StepBytes)
        {
            cancel.ThrowIfCancellationRequested();
            Lz4Result result = decoder.Decode(frames, plain.GetSpan(StepBytes), out int consumed, out int written);
            plain.Advance(written);
            frames = frames[consumed..];
            if (!result.IsOk || consumed + written == 0)
                return;
        }
    }

    private void DecompressWhole(
        ReadOnlySpan<byte> records, long size, string compression, ArrayBufferWriter<byte> plain)
    {
        ChunkSizes sizes = new(size, 0, compression);
        if (!ChunkDecompressor.TryDecompress(records, sizes, limits, false, out IMemoryOwner<byte>? owner, out _))
            return;
        using (owner)
            plain.Write(owner.Memory.Span);
    }

    private void TakeRecords(ReadOnlyMemory<byte> plain, McapWriter writer)
    {
        using RecordWalker records = new(new MemorySource(plain), limits, null, cancel);
        while (records.MoveNext())
        {
            if (records.IsGap)
                continue;
            if (records.Opcode == McapOpcode.Schema
                && McapRecordReader.TryParseSchema(records.Content, limits, out McapSchema schema, out _))
            {
                definitions.Take(schema, 0, 0);
            }
            else if (records.Opcode == McapOpcode.Channel
                && McapRecordReader.TryParseChannel(records.Content, limits, out McapChannel channel, out _))
            {
                definitions.Take(channel, 0, 0, isVouched: false);
            }
            else if (records.Opcode == McapOpcode.Message
                && McapRecordReader.TryParseMessage(records.Content, out McapMessageView message, out _))
            {
                TakeMessage(message, writer);
            }
            else if (RecordShape.IsPrivate(records.Opcode))
            {
                writer.WritePrivateRecord((byte)records.Opcode, records.Content);
                _privates++;
            }
        }
    }

    private void TakeMessage(in McapMessageView message, McapWriter writer)
    {
        if (!definitions.Has(message.ChannelId, 0, isListed: false, out _))
            return;
        definitions.Write(writer, message.ChannelId);
        writer.WriteMessage(message.ChannelId, message.Sequence, message.LogTime, message.PublishTime, message.Data);
        CollectionsMarshal.GetValueRefOrAddDefault(_channels, message.ChannelId, out _)++;
        _messages++;
    }
}
