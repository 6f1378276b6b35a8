using System.Text.Json;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Sources;
using AvSdk.Testing;

namespace AvSdk.Tests.Sources;

public sealed class McapReplayTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("avsdk-replay-").FullName;

    [Theory]
    [InlineData("rav4_60s.lz4")]
    [InlineData("rav4_60s.zstd")]
    [InlineData("rav4_60s.uncompressed")]
    [InlineData("rav4_60s.streaming")]
    public async Task A_real_drive_comes_out_as_it_went_in(string name)
    {
        string path = SharedFiles.Require("drives", name + ".mcap");
        using JsonDocument expect = JsonDocument.Parse(
            await File.ReadAllTextAsync(
                SharedFiles.Require("drives", name + ".expect.json"), TestContext.Current.CancellationToken));
        await using MemoryRecorder recorder = new();
        LastReport reports = new();

        SourceProgress done = await new McapReplay(path).RunAsync(
            recorder, rate: 0, TimeProvider.System, reports, TestContext.Current.CancellationToken);

        using DriveHash recorded = recorder.Hash();
        Assert.Equal(
            expect.RootElement.GetProperty("topics").EnumerateArray().ToDictionary(
                topic => topic.GetProperty("topic").GetString()!,
                topic => topic.GetProperty("sha256").GetString()!),
            recorded.ToDictionary());
        Assert.Equal((168_820UL, 0UL), (done.Messages, done.Dropped));
        Assert.Equal(new FileInfo(path).Length, done.Bytes);
        Assert.Equal(done.Bytes, done.BytesTotal);
        // The streaming file has no summary, so nobody can know before its end.
        ulong? total = name == "rav4_60s.streaming" ? null : 168_820UL;
        Assert.Equal(total, done.MessagesTotal);
        Assert.Equal(done, reports.Value);
    }

    [Fact]
    public async Task Channels_keep_schema_encoding_and_metadata_and_messages_their_publish_time()
    {
        string path = Write(writer =>
        {
            writer.AddSchema(new McapSchema(3, "my.Type", "jsonschema", "{}"u8.ToArray()));
            Dictionary<string, string> metadata = new() { ["k"] = "v" };
            writer.AddChannel(new McapChannel(1, 3, "/a", "json", metadata));
            writer.AddChannel(new McapChannel(2, 0, "/b", "raw", new Dictionary<string, string>()));
            writer.WriteMessage(1, 7, logTime: 20, publishTime: 10, "{}"u8);
            writer.WriteMessage(2, 8, logTime: 15, publishTime: 16, default);
        });
        await using MemoryRecorder recorder = new();
        McapReplayOptions options = new() { LaneOf = topic => topic == "/a" ? "events" : null };

        await new McapReplay(path, options).RunAsync(
            recorder, rate: 0, TimeProvider.System, null, TestContext.Current.CancellationToken);

        Assert.Equal([new MessageStamp(20, 10, 7), new MessageStamp(15, 16, 8)],
            recorder.Messages.Select(message => message.Stamp));
        ChannelSpec a = recorder.Channels[0], b = recorder.Channels[1];
        Assert.Equal(("/a", "json", "events", "v"), (a.Topic, a.MessageEncoding, a.Lane, a.Metadata["k"]));
        Assert.Equal(("my.Type", "jsonschema"), (a.Schema!.Name, a.Schema.Encoding));
        Assert.Equal("{}"u8.ToArray(), a.Schema.Data.ToArray());
        Assert.Equal(("/b", "raw", null), (b.Topic, b.MessageEncoding, b.Schema));
    }

    [Fact]
    public async Task A_replay_at_twice_the_rate_takes_half_the_time()
    {
        string path = Write(writer =>
        {
            writer.AddChannel(new McapChannel(1, 0, "/a", "raw", new Dictionary<string, string>()));
            for (uint i = 0; i < 100; i++)
                writer.WriteMessage(1, i, i * 100_000_000UL, i * 100_000_000UL, "x"u8);
        });
        await using MemoryRecorder recorder = new();
        StepTime time = new();

        SourceProgress done = await new McapReplay(path).RunAsync(
            recorder, rate: 2, time, null, TestContext.Current.CancellationToken);

        Assert.Equal(100UL, done.Messages);
        Assert.Equal(TimeSpan.FromSeconds(4.95), time.Elapsed);
    }

    [Fact]
    public async Task A_truncated_file_is_an_error_and_what_came_before_is_recorded()
    {
        string path = Write(writer =>
        {
            writer.AddChannel(new McapChannel(1, 0, "/a", "raw", new Dictionary<string, string>()));
            for (uint i = 0; i < 1000; i++)
                writer.WriteMessage(1, i, i, i, new byte[1000]);
        });
        using (FileStream file = File.OpenWrite(path))
            file.SetLength(file.Length / 2);
        await using MemoryRecorder recorder = new();

        await Assert.ThrowsAsync<McapException>(() => new McapReplay(path).RunAsync(
            recorder, rate: 0, TimeProvider.System, null, TestContext.Current.CancellationToken));

        Assert.InRange(recorder.Messages.Count, 100, 999);
        Assert.All(recorder.Messages.Select((message, i) => (message, i)), each =>
            Assert.Equal((uint)each.i, each.message.Stamp.Sequence));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        McapReplay replay = new(Path.Combine(_folder, "nowhere.mcap"));
        await using MemoryRecorder recorder = new();

        FileNotFoundException error = await Assert.ThrowsAsync<FileNotFoundException>(() => replay.RunAsync(
            recorder, rate: 0, TimeProvider.System, null, TestContext.Current.CancellationToken));

        Assert.Contains("nowhere.mcap", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public async Task A_rate_that_is_none_is_refused(double rate) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => new McapReplay("x").RunAsync(
            new MemoryRecorder(), rate, TimeProvider.System, null, TestContext.Current.CancellationToken));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(Action<McapWriter> fill)
    {
        string path = Path.Combine(_folder, "drive.mcap");
        using FileStream file = File.Create(path);
        using McapWriter writer = new(
            file, new McapWriterOptions { Compression = ChunkCompression.None, ChunkBytes = 50_000 });
        fill(writer);
        writer.Finish();
        return path;
    }

    private sealed class LastReport : IProgress<SourceProgress>
    {
        public SourceProgress Value { get; private set; }

        public void Report(SourceProgress value) => Value = value;
    }
}
