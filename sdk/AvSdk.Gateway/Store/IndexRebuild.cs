using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;
using AvSdk.Mcap;
using Google.Protobuf;

namespace AvSdk.Gateway.Store;

/// <summary>
/// Makes the index anew from what the packs say of themselves. Announced chunks and recordings' ends are not
/// in packs: vehicles tell the former again; ordinals are dealt anew, so an as_of from before means something
/// else.
/// </summary>
public sealed class IndexRebuild(IPackStore store, IChunkIndex index)
{
    /// <summary>
    /// Reads every pack into the index, which is open and may know some already. A chunk whose bytes do not
    /// have the hash that its header says is left out. Packs that are not sealed are noted as open.
    /// </summary>
    /// <exception cref="IOException">The store or the index failed; it may be run again.</exception>
    public async Task<IndexRebuildReport> RunAsync(CancellationToken cancellationToken)
    {
        IndexRebuildReport report = new(0, 0, 0, []);
        await foreach (PackId id in store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            Stream stream = await store.OpenReadAsync(id, cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                StreamSource source = new(stream);
                report = McapScan.TryRun(source, McapLimits.Default, out McapScan? scan, out McapError error)
                    ? await AddAsync(id, scan, source, report, cancellationToken).ConfigureAwait(false)
                    : report with { Problems = [.. report.Problems, $"{id}: {error}"] };
            }
        }

        return report;
    }

    private async Task<IndexRebuildReport> AddAsync(
        PackId id,
        McapScan scan,
        StreamSource source,
        IndexRebuildReport report,
        CancellationToken cancellationToken)
    {
        RecordingInfo? recording = scan.Metadata
            .Select(PackFormat.ReadRecording).FirstOrDefault(r => r is not null);
        if (recording is null || RecordingIds.Read(recording.RecordingId) != id.RecordingId
            || recording.VehicleId != id.VehicleId)
        {
            string stranger = $"{id}: its metadata are not of this recording.";
            return report with { Problems = [.. report.Problems, stranger] };
        }

        List<StoredChunk> chunks = [];
        List<string> problems = [];
        Dictionary<long, McapScannedRecord> headers = scan.PrivateRecords
            .Where(record => record.Opcode == PackFormat.ChunkRecordOpcode)
            .ToDictionary(record => record.End);
        foreach (McapScannedChunk chunk in scan.Chunks)
        {
            if (headers.TryGetValue(chunk.Offset, out McapScannedRecord? record)
                && TryReadHeader(record, out ChunkHeader header)
                && Verify(header, chunk, source) is var problem)
            {
                if (problem is null)
                    chunks.Add(new StoredChunk(header, new PackLocation(id.Number, chunk.Offset)));
                else
                    problems.Add($"{id}: the chunk at {chunk.Offset}: {problem}");
            }
            else
            {
                problems.Add($"{id}: the chunk at {chunk.Offset} has no header before it.");
            }
        }

        (SchemaDefinition[] schemas, ChannelDefinition[] channels) = Define(scan, chunks);
        await index.DefineAsync(recording, schemas, channels, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<StoreOutcome> outcomes = await index.StoreAsync(chunks, cancellationToken)
            .ConfigureAwait(false);
        if (scan.IsSealed)
            await index.SealPackAsync(id.RecordingId, id.Number, cancellationToken).ConfigureAwait(false);
        else
            await index.NoteOpenPackAsync(id.RecordingId, id.Number, cancellationToken).ConfigureAwait(false);
        return report with
        {
            Packs = report.Packs + 1,
            Chunks = report.Chunks + chunks.Count,
            Added = report.Added + outcomes.Count(outcome => outcome == StoreOutcome.Stored),
            Problems = [.. report.Problems, .. problems],
        };
    }

    private static bool TryReadHeader(McapScannedRecord record, out ChunkHeader header)
    {
        header = new ChunkHeader();
        try
        {
            header = ChunkRecord.Parser.ParseFrom(record.Content.Span).Header;
            return header is not null;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private static string? Verify(ChunkHeader header, McapScannedChunk chunk, StreamSource source)
    {
        byte[] body = new byte[chunk.BodyBytes];
        int read = source.ReadAt(chunk.Offset, body);
        return read == body.Length
            ? ChunkVerifier.Check(header, body)
            : $"only {read} of {body.Length} bytes are there.";
    }

    // A channel's lane is not in MCAP; the chunks that hold the channel say it. Channels without a chunk are
    // defined by their vehicle when it has one.
    private static (SchemaDefinition[] Schemas, ChannelDefinition[] Channels) Define(
        McapScan scan, List<StoredChunk> chunks)
    {
        Dictionary<uint, string> lanes = [];
        foreach (StoredChunk chunk in chunks)
        {
            foreach (ChunkChannel channel in chunk.Header.Channels)
                lanes[channel.ChannelId] = chunk.Header.Ref.Lane;
        }

        Dictionary<ushort, SchemaDefinition> schemas = scan.Schemas.ToDictionary(
            schema => schema.Id,
            schema => new SchemaDefinition
            {
                Name = schema.Name,
                Encoding = schema.Encoding,
                Data = ByteString.CopyFrom(schema.Data.Span),
                Sha256 = SchemaHash.Compute(schema.Encoding, schema.Name, schema.Data.Span),
            });
        return (
            [.. schemas.Values],
            [.. scan.Channels.Where(channel => lanes.ContainsKey(channel.Id)).Select(channel => Define(
                channel, lanes[channel.Id], schemas.GetValueOrDefault(channel.SchemaId)))]);
    }

    private static ChannelDefinition Define(McapChannel channel, string lane, SchemaDefinition? schema)
    {
        ChannelDefinition definition = new()
        {
            ChannelId = channel.Id,
            SchemaId = channel.SchemaId,
            SchemaSha256 = schema?.Sha256 ?? ByteString.Empty,
            Topic = channel.Topic,
            MessageEncoding = channel.MessageEncoding,
            Lane = lane,
        };
        definition.Metadata.Add(new Dictionary<string, string>(channel.Metadata));
        return definition;
    }
}
