using System.Text.Json;
using AvSdk.Mcap;
using AvSdk.Tests.Lz4;

namespace AvSdk.Tests.Mcap.Interop;

/// <summary>What the newer ways of writing make, read by others.</summary>
public sealed class WriterOptionsInteropTests : IDisposable
{
    private const int Messages = 4000;
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"avsdk-{Guid.NewGuid():N}.mcap");

    public static TheoryData<string> Ways => ["workers", "workers, plain", "high compression", "zstd 19", "in chunks", "append", "append to unsealed"];

    public void Dispose() => File.Delete(_path);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_official_library_reads_it(string way)
    {
        DriveExpectation.Hashes hashes = Write(way);
        JsonElement result = await OfficialReader.ReadAsync(_path);
        Assert.Equal(hashes.Result(), OfficialReader.Topics(result, "indexed"));
        Assert.Equal(hashes.Result(), OfficialReader.Topics(result, "streamed"));
        Assert.True(result.GetProperty("streamed").GetProperty("done").GetBoolean());
        Assert.Equal(Messages, result.GetProperty("indexed").GetProperty("messageCount").GetInt32());
    }

    [Theory]
    [InlineData("workers")]
    [InlineData("high compression")]
    [InlineData("append")]
    public async Task The_lz4_command_reads_the_frames_in_the_chunks(string way)
    {
        Write(way);
        byte[] file = File.ReadAllBytes(_path);
        McapScan scan = McapScan.Run(new MemorySource(file));
        Assert.True(scan.Chunks.Count > 3);
        foreach (McapScannedChunk chunk in scan.Chunks)
        {
            byte[] body = file[(int)chunk.Offset..(int)chunk.End];
            Assert.True(ChunkBody.TryParse(body, out ChunkBodyInfo info));
            Assert.Equal("lz4", info.Compression);
            byte[] plain = await Lz4Command.RunAsync(
                "-d", body[info.RecordsOffset..(info.RecordsOffset + info.RecordsBytes)]);
            Assert.Equal((info.UncompressedBytes, info.UncompressedCrc), (plain.Length, Crc32.Compute(plain)));
        }
    }

    private DriveExpectation.Hashes Write(string way)
    {
        McapWriterOptions options = new() { ChunkBytes = 20_000 };
        options = way switch
        {
            "workers" => options with { Workers = 3 },
            "workers, plain" => options with { Workers = 2, Compression = ChunkCompression.None },
            "high compression" => options with { Compression = ChunkCompression.Lz4 with { Level = 9 } },
            "zstd 19" => options with { Compression = ChunkBuilderTests.Of("zstd") with { Level = 19 } },
            "in chunks" => options with { DefinitionsInChunks = true },
            "append to unsealed" => options with { FinishOnDispose = false, DefinitionsInChunks = true },
            _ => options,
        };
        DriveExpectation.Hashes hashes = new();
        int parts = way.StartsWith("append", StringComparison.Ordinal) ? 4 : 1;
        for (int part = 0; part < parts; part++)
        {
            McapWriterOptions last = part == parts - 1 ? options with { FinishOnDispose = true } : options;
            using McapWriter writer = part == 0 ? new(File.Create(_path), last) : McapWriter.Append(_path, last);
            Fill(writer, hashes, part * (Messages / parts), (part + 1) * (Messages / parts));
            writer.Flush();
        }

        return hashes;
    }

    private static void Fill(McapWriter writer, DriveExpectation.Hashes hashes, int from, int to)
    {
        writer.AddSchema(SmallFile.Schema);
        writer.AddChannel(SmallFile.First);
        writer.AddChannel(SmallFile.Second);
        for (int i = from; i < to; i++)
        {
            McapChannel channel = i % 3 == 0 ? SmallFile.Second : SmallFile.First;
            McapMessageView message = new(channel.Id, (uint)i, SmallFile.LogTime(i), 1, SmallFile.Payload(i % 200));
            writer.WriteMessage(channel.Id, message.Sequence, message.LogTime, message.PublishTime, message.Data);
            hashes.Add(channel.Topic, message);
        }
    }
}
