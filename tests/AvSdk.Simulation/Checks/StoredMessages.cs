using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;
using AvSdk.Gateway.Store;
using AvSdk.Mcap;

namespace AvSdk.Simulation.Checks;

/// <summary>Reads a gateway's whole store, through its index, as a partner would.</summary>
internal sealed class StoredMessages(World world)
{
    /// <summary>Every stored chunk, with the hash that it has.</summary>
    public Dictionary<ChunkKey, ChunkHeader> Chunks { get; } = [];

    /// <summary>Told each message: recording, topic, then the message, in order of lane and sequence.</summary>
    public required ReadMessage Read { get; init; }

    public delegate void ReadMessage(Guid recordingId, string topic, in McapMessageView message);

    public async Task RunAsync(IChunkCatalogue catalogue, IChunkIndex index, IPackStore store)
    {
        List<IndexedChunk> chunks = [];
        await foreach (IndexedChunk chunk in catalogue.ReadStoredAsync(ChunkSelection.All, CancellationToken.None))
            chunks.Add(chunk);
        Dictionary<Guid, Dictionary<uint, string>> topics = [];
        foreach (IndexedChunk chunk in chunks
            .OrderBy(static chunk => chunk.Key.RecordingId)
            .ThenBy(static chunk => chunk.Key.Lane, StringComparer.Ordinal)
            .ThenBy(static chunk => chunk.Key.Sequence))
        {
            if (!Chunks.TryAdd(chunk.Key, chunk.Header))
                world.Oracle.Add(ViolationKind.Duplicated, $"Chunk {chunk.Key} is in the store twice");
            if (!topics.TryGetValue(chunk.Key.RecordingId, out Dictionary<uint, string>? names))
            {
                AvSdk.Gateway.Index.RecordingDefinitions? found =
                    await index.FindRecordingAsync(chunk.Key.RecordingId, CancellationToken.None);
                topics.Add(chunk.Key.RecordingId, names = found!.Channels.ToDictionary(
                    static channel => channel.ChannelId, static channel => channel.Topic));
            }

            await ReadAsync(chunk, names, store);
        }
    }

    private async Task ReadAsync(IndexedChunk chunk, Dictionary<uint, string> topics, IPackStore store)
    {
        byte[] body = new byte[chunk.Header.BodyBytes];
        PackId pack = new(chunk.VehicleId, chunk.Key.RecordingId, chunk.Location!.Value.Pack);
        try
        {
            await store.ReadAsync(pack, chunk.Location.Value.BodyOffset, body, CancellationToken.None);
        }
        catch (IOException error)
        {
            world.Oracle.Add(ViolationKind.Lost, $"Chunk {chunk.Key} has a row and cannot be read: {error.Message}");
            return;
        }

        if (ChunkVerifier.Check(chunk.Header, body) is { } problem)
        {
            world.Oracle.Add(ViolationKind.Lost, $"Chunk {chunk.Key} is not what was recorded: {problem}");
            return;
        }

        using System.Buffers.IMemoryOwner<byte> records = ChunkBody.Decompress(body);
        foreach (McapMessageView message in ChunkBody.Messages(
            records.Memory.Span[..(int)chunk.Header.UncompressedBytes]))
        {
            Read(chunk.Key.RecordingId, topics[message.ChannelId], message);
        }
    }
}
