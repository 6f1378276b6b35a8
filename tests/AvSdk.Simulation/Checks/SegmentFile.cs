using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Mcap;
using Google.Protobuf;

namespace AvSdk.Simulation.Checks;

/// <summary>What a segment's bytes hold, as the simulation reads them.</summary>
internal static class SegmentFile
{
    private const byte ChunkRecordOpcode = 0x80;

    /// <summary>Its chunks with their headers, whole by framing.</summary>
    public static List<Chunk> Chunks(ReadOnlyMemory<byte> bytes)
    {
        List<Chunk> chunks = [];
        McapLimits limits = new() { RecordBytesMax = int.MaxValue - 1024, ChunkBytesMax = int.MaxValue - 1024 };
        if (!McapScan.TryRun(new MemorySource(bytes), limits, out McapScan? scan, out _))
            return chunks;
        Dictionary<uint, string> topics =
            scan.Channels.ToDictionary(static channel => (uint)channel.Id, static channel => channel.Topic);
        Dictionary<long, McapScannedRecord> records = scan.PrivateRecords
            .Where(static record => record.Opcode == ChunkRecordOpcode)
            .ToDictionary(static record => record.End);
        foreach (McapScannedChunk chunk in scan.Chunks)
        {
            if (!records.TryGetValue(chunk.Offset, out McapScannedRecord? record))
                continue;
            try
            {
                ReadOnlySpan<byte> content = bytes.Span[((int)record.Offset + 9)..(int)record.End];
                if (ChunkRecord.Parser.ParseFrom(content).Header is { Ref.RecordingId.Length: 16 } header)
                {
                    chunks.Add(new Chunk(
                        ChunkKey.From(header.Ref), record.Offset, chunk.Offset, chunk.Offset + (long)chunk.Index.ChunkLength,
                        chunk.End,
                        [.. header.Channels.Select(each => (topics.GetValueOrDefault(each.ChannelId, ""), each.Messages))]));
                }
            }
            catch (InvalidProtocolBufferException)
            {
                // Torn.
            }
        }

        return chunks;
    }

    /// <summary>One chunk: where its record begins, its body, the body's indexes, and where it ends.</summary>
    internal sealed record Chunk(
        ChunkKey Key, long Begin, long Body, long Indexes, long End, IReadOnlyList<(string Topic, ulong Count)> Messages)
    {
        private const int PrefixBytes = 9;

        /// <summary>Opcode and length of a record; in the indexes every byte may be.</summary>
        public bool IsFraming(long offset) =>
            offset < Begin + PrefixBytes || (offset >= Body && offset < Body + PrefixBytes) || offset >= Indexes;
    }
}
