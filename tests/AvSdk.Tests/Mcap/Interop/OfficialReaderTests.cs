using System.Text.Json;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Interop;

public sealed class OfficialReaderTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"avsdk-{Guid.NewGuid():N}.mcap");

    public static TheoryData<string> Compressions => ["", "lz4", "zstd"];

    public void Dispose() => File.Delete(_path);

    [Theory]
    [MemberData(nameof(Compressions))]
    public async Task The_official_library_reads_what_we_write(string compression)
    {
        McapWriterOptions options = new()
        {
            Profile = "p",
            ChunkBytes = 20_000,
            Compression = ChunkBuilderTests.Of(compression),
        };
        DriveExpectation.Hashes hashes = new();
        using (McapWriter writer = new(File.Create(_path), options))
        {
            writer.WriteMetadata(SmallFile.Metadata);
            writer.AddSchema(SmallFile.Schema);
            writer.AddChannel(SmallFile.First);
            writer.AddChannel(SmallFile.Second);
            writer.WriteAttachment(SmallFile.Attachment);
            Fill(writer, hashes, 0, 2000);
            writer.WritePrivateRecord(0x80, "private"u8);
            Fill(writer, hashes, 2000, 3000);
        }

        JsonElement result = await OfficialReader.ReadAsync(_path);
        Check(result, hashes, 3000);
        JsonElement indexed = result.GetProperty("indexed");
        Assert.Equal(("p", "avsdk"),
            (indexed.GetProperty("profile").GetString(), indexed.GetProperty("library").GetString()));
        Assert.Equal([compression],
            indexed.GetProperty("compressions").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(["a.txt text/plain hello"],
            indexed.GetProperty("attachments").EnumerateArray().Select(a => a.GetString()));
        JsonElement metadata = Assert.Single(indexed.GetProperty("metadata").EnumerateArray());
        Assert.Equal("veh-042", metadata.GetProperty("values").GetProperty("vehicle_id").GetString());
    }

    [Fact]
    public async Task The_official_library_reads_a_file_that_was_cut_and_continued()
    {
        DriveExpectation.Hashes hashes = new();
        using (DurableFile file = DurableFile.Create(_path))
        {
            McapWriter writer = new(file, new McapWriterOptions { FinishOnDispose = false });
            writer.AddSchema(SmallFile.Schema);
            writer.AddChannel(SmallFile.First);
            writer.AddChannel(SmallFile.Second);
            Fill(writer, hashes, 0, 500);
            writer.Flush();
            Fill(writer, new DriveExpectation.Hashes(), 500, 900);
            writer.Flush();
            writer.Dispose();
            file.Truncate(file.Length - 700);
        }

        using (DurableFile file = DurableFile.OpenExisting(_path))
        {
            McapScan scan = McapScan.Run(file);
            Assert.True(scan.TailError.IsError);
            McapScan trusted = scan.CutAt(scan.Chunks[0].End);
            file.Truncate(trusted.AppendOffset);
            using McapWriter writer = McapWriter.Continue(file, trusted);
            Fill(writer, hashes, 900, 1000);
        }

        Check(await OfficialReader.ReadAsync(_path), hashes, 600);
    }

    [Fact]
    public async Task The_official_library_reads_a_real_drive_that_we_wrote_again()
    {
        string drive = SharedFiles.Require("drives", "rav4_60s.uncompressed.mcap");
        using (McapStreamReader reader = new(File.OpenRead(drive)))
        using (McapWriter writer = new(File.Create(_path)))
        {
            while (reader.Read() && !reader.IsInSummary)
                Copy(reader, writer);
        }

        JsonElement result = await OfficialReader.ReadAsync(_path);
        DriveExpectation expected = DriveExpectation.Of(drive);
        Assert.Equal(expected.Topics(), OfficialReader.Topics(result, "indexed"));
        Assert.Equal(expected.Topics(), OfficialReader.Topics(result, "streamed"));
        Assert.Equal(168_820, result.GetProperty("indexed").GetProperty("messageCount").GetInt64());
    }

    private static void Copy(McapStreamReader reader, McapWriter writer)
    {
        switch (reader.Opcode)
        {
            case McapOpcode.Schema:
                foreach (McapSchema schema in reader.Schemas.Values)
                    writer.AddSchema(schema);
                break;
            case McapOpcode.Channel:
                foreach (McapChannel channel in reader.Channels.Values)
                    writer.AddChannel(channel);
                break;
            case McapOpcode.Message:
                McapMessageView m = reader.Message;
                writer.WriteMessage(m.ChannelId, m.Sequence, m.LogTime, m.PublishTime, m.Data);
                break;
            default:
                break;
        }
    }

    private static void Check(JsonElement result, DriveExpectation.Hashes hashes, int messages)
    {
        Assert.Equal(hashes.Result(), OfficialReader.Topics(result, "indexed"));
        Assert.Equal(hashes.Result(), OfficialReader.Topics(result, "streamed"));
        Assert.True(result.GetProperty("streamed").GetProperty("done").GetBoolean());
        Assert.Equal(messages, result.GetProperty("indexed").GetProperty("messageCount").GetInt32());
    }

    private static void Fill(McapWriter writer, DriveExpectation.Hashes hashes, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            McapChannel channel = i % 3 == 0 ? SmallFile.Second : SmallFile.First;
            byte[] payload = SmallFile.Payload(i % 200);
            writer.WriteMessage(channel.Id, (uint)i, SmallFile.LogTime(i), SmallFile.LogTime(i), payload);
            hashes.Add(channel.Topic,
                new McapMessageView(channel.Id, (uint)i, SmallFile.LogTime(i), 0, payload));
        }
    }
}
