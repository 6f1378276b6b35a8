using AvSdk.Mcap;

namespace AvSdk.Fuzz.Mcap;

/// <summary>
/// The good files that inputs are made of: written here with every option, and, where they are beside the repository,
/// those of the conformance suite and the drives cut to a few messages. In one order everywhere, or runs would not
/// replay.
/// </summary>
public static class McapCorpus
{
    private const int MessagesOfDrive = 40;
    private const int PayloadBytesMax = 300;

    /// <summary>All there is.</summary>
    /// <param name="shared">The folder of the recordings; null: looked for above the program.</param>
    public static IReadOnlyList<McapSeed> Load(string? shared = null)
    {
        List<McapSeed> seeds = [.. Written(), .. Overlapping()];
        shared ??= FindShared();
        if (shared is null)
            return seeds;
        IEnumerable<string> files = Directory
            .EnumerateFiles(Path.Combine(shared, "mcap-conformance"), "*.mcap", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal);
        foreach (string file in files)
            seeds.Add(McapSeed.Of(Path.GetFileName(file), File.ReadAllBytes(file)));
        string drive = Path.Combine(shared, "drives", "rav4_60s.lz4.mcap");
        if (File.Exists(drive))
            seeds.AddRange(FromDrive(drive));
        return seeds;
    }

    private static IEnumerable<McapSeed> Written()
    {
        McapWriterOptions small = new() { ChunkBytes = 250 };
        yield return Write("ours-lz4", small);
        yield return Write("ours-lz4-9", small with { Compression = ChunkCompression.Lz4 with { Level = 9 } });
        yield return Write("ours-none", small with { Compression = ChunkCompression.None });
        if (ChunkCompression.Zstd.IsAvailable)
            yield return Write("ours-zstd", small with { Compression = ChunkCompression.Zstd });
        yield return Write("ours-one-chunk", new McapWriterOptions());
        yield return Write("ours-unchunked", small with { ChunkBytes = 0 });
        yield return Write("ours-definitions-in-chunks", small with { DefinitionsInChunks = true });
        yield return Write("ours-no-crcs", small with { ChunkCrcs = false, DataSectionCrc = false });
        yield return Write("ours-no-indexes", small with
        {
            MessageIndexes = false,
            ChunkIndexes = false,
            AttachmentIndexes = false,
            MetadataIndexes = false,
        });
        yield return Write("ours-no-summary", small with
        {
            ChunkIndexes = false,
            AttachmentIndexes = false,
            MetadataIndexes = false,
            Statistics = false,
            SummaryOffsets = false,
            RepeatSchemas = false,
            RepeatChannels = false,
        });
    }

    private static McapSeed Write(string name, McapWriterOptions options)
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, options, leaveOpen: true))
        {
            writer.WriteMetadata(new McapMetadata("m", new Dictionary<string, string> { ["key"] = "value", ["ü"] = "ö" }));
            writer.AddSchema(new McapSchema(1, "demo.Imu", "protobuf", "schema of it"u8.ToArray()));
            writer.AddChannel(new McapChannel(1, 1, "/imu", "protobuf", new Dictionary<string, string> { ["a"] = "b" }));
            writer.AddChannel(new McapChannel(2, 0, "/raw", "json"));
            for (int i = 0; i < 24; i++)
            {
                byte[] payload = new byte[i * 3];
                payload.AsSpan().Fill((byte)(i % 5));
                ulong time = (ulong)(1_000_000 + (i * 10) - (i % 4 * 25));
                writer.WriteMessage((ushort)(1 + (i % 3 / 2)), (uint)i, time, time + 1, payload);
                if (i == 11)
                    writer.WritePrivateRecord(0x90, "private"u8);
            }

            writer.WriteAttachment(new McapAttachment(5, 6, "a.txt", "text/plain", "attached"u8.ToArray()));
        }

        return McapSeed.Of(name, stream.ToArray());
    }

    private static IEnumerable<McapSeed> Overlapping()
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, new McapWriterOptions { ChunkBytes = 120 }, leaveOpen: true))
        {
            for (ushort id = 1; id <= 6; id++)
                writer.AddChannel(new McapChannel(id, 0, $"/{id % 4}", "json"));
            for (int i = 0; i < 30; i++)
                writer.WriteMessage((ushort)(1 + (i % 6)), (uint)i, (ulong)(i * 7919 % 100), 0, [(byte)i, 2, 3]);
        }

        yield return McapSeed.Of("ours-overlapping", stream.ToArray());
    }

    private static IEnumerable<McapSeed> FromDrive(string path)
    {
        foreach (ChunkCompression compression in new[] { ChunkCompression.Lz4, ChunkCompression.None })
        {
            using MemoryStream stream = new();
            using (McapWriter writer = new(
                stream, new McapWriterOptions { ChunkBytes = 2048, Compression = compression }, leaveOpen: true))
            {
                CopyFirst(path, writer);
            }

            yield return McapSeed.Of($"drive-{(compression.Name.Length == 0 ? "none" : compression.Name)}", stream.ToArray());
        }
    }

    private static void CopyFirst(string path, McapWriter writer)
    {
        using McapStreamReader reader = new(File.OpenRead(path));
        for (int left = MessagesOfDrive; left > 0 && reader.ReadMessage();)
        {
            if (reader.Message.Data.Length > PayloadBytesMax)
                continue;
            McapChannel channel = reader.MessageChannel;
            if (channel.SchemaId != 0)
            {
                McapSchema schema = reader.Schemas[channel.SchemaId];
                writer.AddSchema(schema with { Data = schema.Data[..Math.Min(64, schema.Data.Length)] });
            }

            writer.AddChannel(channel);
            McapMessageView message = reader.Message;
            writer.WriteMessage(
                message.ChannelId, message.Sequence, message.LogTime, message.PublishTime, message.Data);
            left--;
        }
    }

    private static string? FindShared()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string shared = Path.Combine(at.FullName, "..", "shared");
            if (File.Exists(Path.Combine(at.FullName, "AvSdk.sln")))
                return Directory.Exists(Path.Combine(shared, "mcap-conformance")) ? shared : null;
        }

        return null;
    }
}
