using System.Buffers.Binary;
using System.Text;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using Google.Protobuf;

namespace AvSdk.Recording.Spool;

/// <summary>
/// The check that stands at the end of each chunk's private record, over the record and the definitions of the
/// channels in the chunk: MCAP has no checksum for either, and a gateway that is told a rotten one ends the stream.
/// </summary>
internal static class RecordCheck
{
    // ChunkRecord.check: field 7, fixed32.
    private const byte Tag = (7 << 3) | 5;
    private const int CheckBytes = 1 + sizeof(uint);

    /// <summary>The record's bytes, with its check.</summary>
    public static byte[] Seal(ChunkRecord record, Func<uint, ChannelDefinition?> definitions)
    {
        byte[] bytes = new byte[record.CalculateSize() + CheckBytes];
        Span<byte> content = bytes.AsSpan(0, bytes.Length - CheckBytes);
        record.WriteTo(content);
        bytes[^CheckBytes] = Tag;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint)), Of(content, record, definitions));
        return bytes;
    }

    /// <summary>Null: it, or a definition that it needs, is not as it was written.</summary>
    public static ChunkRecord? TryOpen(ReadOnlySpan<byte> bytes, Func<uint, ChannelDefinition?> definitions)
    {
        if (bytes.Length <= CheckBytes || bytes[^CheckBytes] != Tag)
            return null;
        ReadOnlySpan<byte> content = bytes[..^CheckBytes];
        try
        {
            ChunkRecord record = ChunkRecord.Parser.ParseFrom(content);
            return record.Header?.Ref is not null
                && BinaryPrimitives.ReadUInt32LittleEndian(bytes[^sizeof(uint)..]) == Of(content, record, definitions)
                ? record
                : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>The record of a chunk of a segment.</summary>
    /// <exception cref="ChunkDamagedException">It, or a definition that it needs, is not as it was written.</exception>
    public static ChunkRecord Open(ReadOnlySpan<byte> bytes, SpoolChunk chunk) =>
        TryOpen(bytes, id => chunk.Segment.Recording.Definitions.Find(id)?.Channel)
        ?? throw new ChunkDamagedException($"The record of chunk {chunk}, or a definition that it needs, is damaged.");

    private static uint Of(ReadOnlySpan<byte> content, ChunkRecord record, Func<uint, ChannelDefinition?> definitions)
    {
        uint crc = Crc32.Compute(content);
        foreach (ChunkChannel counted in record.Header.Channels)
        {
            if (definitions(counted.ChannelId) is not { } channel)
                continue;
            crc = Append(crc, channel.ChannelId);
            crc = Append(crc, channel.SchemaId);
            crc = Crc32.Append(crc, channel.SchemaSha256.Span);
            crc = Append(crc, channel.Topic);
            crc = Append(crc, channel.MessageEncoding);
            foreach ((string key, string value) in channel.Metadata.OrderBy(
                static pair => pair.Key, StringComparer.Ordinal))
            {
                crc = Append(Append(crc, key), value);
            }
        }

        return crc;
    }

    private static uint Append(uint crc, uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return Crc32.Append(crc, bytes);
    }

    private static uint Append(uint crc, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Crc32.Append(Append(crc, (uint)bytes.Length), bytes);
    }
}
