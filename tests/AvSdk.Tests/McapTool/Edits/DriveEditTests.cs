using System.Text.Json;
using AvSdk.Mcap;
using AvSdk.Testing;

namespace AvSdk.Tests.McapTool.Edits;

/// <summary>Edits of a recorded drive, against the hashes that stand beside it.</summary>
public sealed class DriveEditTests
{
    public static TheoryData<string> Drives =>
        ["rav4_60s.lz4", "rav4_60s.zstd", "rav4_60s.uncompressed", "rav4_60s.streaming"];

    [Theory]
    [MemberData(nameof(Drives))]
    public async Task Sort_keeps_every_topic(string name)
    {
        Drive drive = Drive.Require(name);
        using ToolFolder folder = new();
        await ToolRun.DoneAsync("sort", drive.Path, "-o", folder.At("out.mcap"));
        Assert.Equal(drive.Hashes, Drive.HashesOf(folder.At("out.mcap")));
        AssertSorted(folder.At("out.mcap"));
    }

    [Theory]
    [MemberData(nameof(Drives))]
    public async Task Compress_and_decompress_keep_every_topic_attachment_and_metadata(string name)
    {
        Drive drive = Drive.Require(name);
        using ToolFolder folder = new();
        await ToolRun.DoneAsync("compress", drive.Path, "-o", folder.At("small.mcap"), "--chunk-size", "1MiB");
        await ToolRun.DoneAsync("decompress", folder.At("small.mcap"), "-o", folder.At("plain.mcap"));
        Assert.Equal(drive.Hashes, Drive.HashesOf(folder.At("small.mcap")));
        Assert.Equal(drive.Hashes, Drive.HashesOf(folder.At("plain.mcap")));
        using McapIndexedReader small = McapIndexedReader.Open(folder.At("small.mcap"));
        using McapIndexedReader plain = McapIndexedReader.Open(folder.At("plain.mcap"));
        Assert.True(small.Chunks.Count > 8);
        Assert.Contains(small.Chunks, chunk => chunk.Compression == "lz4");
        Assert.DoesNotContain(plain.Chunks, chunk => chunk.Compression != "");
        using McapIndexedReader original = McapIndexedReader.Open(
            drive.Path, new McapReadOptions { AllowUnsealed = true });
        foreach (McapIndexedReader copy in new[] { small, plain })
        {
            Assert.Equal(original.Attachments.Select(original.ReadAttachment), copy.Attachments.Select(copy.ReadAttachment));
            Assert.Equal(original.MetadataIndexes.Select(original.ReadMetadata), copy.MetadataIndexes.Select(copy.ReadMetadata));
            Assert.Equal(original.Channels.Values.OrderBy(c => c.Id), copy.Channels.Values.OrderBy(c => c.Id));
        }
    }

    [Theory]
    [MemberData(nameof(Drives))]
    public async Task Filter_by_topic_keeps_the_topics_and_no_others(string name)
    {
        Drive drive = Drive.Require(name);
        using ToolFolder folder = new();
        await ToolRun.DoneAsync(
            "filter", drive.Path, "-o", folder.At("out.mcap"), "-t", "/imu", "/vehicle/*", "-x", "/vehicle/speed");
        IReadOnlyDictionary<string, string> hashes = Drive.HashesOf(folder.At("out.mcap"));
        Assert.Equal(["/imu", "/vehicle/steering_angle", "/vehicle/wheel_speed"], hashes.Keys);
        Assert.All(hashes, topic => Assert.Equal(drive.Hashes[topic.Key], topic.Value));
    }

    [Fact]
    public async Task Filter_that_wants_everything_copies_every_chunk_byte_for_byte()
    {
        Drive drive = Drive.Require("rav4_60s.lz4");
        using ToolFolder folder = new();
        ToolRun run = await ToolRun.DoneAsync("filter", drive.Path, "-o", folder.At("out.mcap"), "--json");
        Assert.Equal(11, run.Json.GetProperty("chunks_copied").GetInt32());
        Assert.Equal(168_820, run.Json.GetProperty("messages").GetInt32());
        using McapIndexedReader before = McapIndexedReader.Open(drive.Path);
        using McapIndexedReader after = McapIndexedReader.Open(folder.At("out.mcap"));
        foreach ((McapChunkIndex from, McapChunkIndex to) in before.Chunks.Zip(after.Chunks))
        {
            using System.Buffers.IMemoryOwner<byte> original = before.ReadChunkBody(from);
            using System.Buffers.IMemoryOwner<byte> copy = after.ReadChunkBody(to);
            Assert.True(original.Memory.Span.SequenceEqual(copy.Memory.Span));
        }

        Assert.Equal(drive.Hashes, Drive.HashesOf(folder.At("out.mcap")));
    }

    [Fact]
    public async Task Filter_by_time_copies_the_chunks_within_and_cuts_those_at_the_edges()
    {
        Drive drive = Drive.Require("rav4_60s.lz4");
        using ToolFolder folder = new();
        ToolRun run = await ToolRun.DoneAsync(
            "filter", drive.Path, "-o", folder.At("out.mcap"), "--from", "+10s", "--to", "+40s", "--json");
        Assert.InRange(run.Json.GetProperty("chunks_copied").GetInt32(), 2, 9);

        ulong start = ulong.Parse(drive.Truth.GetProperty("first_log_time").GetString()!, null);
        using DriveHash expected = HashOf(drive.Path, start + 10_000_000_000, start + 40_000_000_000);
        using DriveHash actual = HashOf(folder.At("out.mcap"), 0, ulong.MaxValue);
        Assert.Empty(actual.DifferencesFrom(expected));
        Assert.Equal((ulong)run.Json.GetProperty("messages").GetInt64(), expected.Messages);
        Assert.True(expected.Messages > 50_000);
    }

    [Fact]
    public async Task Merge_of_the_two_halves_of_a_drive_is_the_drive()
    {
        Drive drive = Drive.Require("rav4_60s.lz4");
        using ToolFolder folder = new();
        await ToolRun.DoneAsync("filter", drive.Path, "-o", folder.At("a.mcap"), "-t", "/can", "/imu", "--no-metadata");
        await ToolRun.DoneAsync("filter", drive.Path, "-o", folder.At("b.mcap"), "-x", "/can", "/imu");
        await ToolRun.DoneAsync("merge", folder.At("b.mcap"), folder.At("a.mcap"), "-o", folder.At("out.mcap"));
        Assert.Equal(drive.Hashes, Drive.HashesOf(folder.At("out.mcap")));
        AssertSorted(folder.At("out.mcap"));
        using McapIndexedReader merged = McapIndexedReader.Open(folder.At("out.mcap"));
        Assert.Equal(2, merged.Attachments.Count);
        Assert.Equal(3, merged.MetadataIndexes.Count);
    }

    [Fact]
    public async Task Info_and_list_agree_with_the_truth()
    {
        foreach (string name in Drives.Select(row => row.Data))
        {
            Drive drive = Drive.Require(name);
            JsonElement info = (await ToolRun.DoneAsync("info", drive.Path, "--json")).Json;
            Assert.Equal(drive.Truth.GetProperty("total_messages").GetInt64(), info.GetProperty("messages").GetInt64());
            Assert.Equal(drive.Truth.GetProperty("first_log_time").GetString(), info.GetProperty("start").GetString());
            Assert.Equal(drive.Truth.GetProperty("last_log_time").GetString(), info.GetProperty("end").GetString());
            Assert.Equal(drive.Truth.GetProperty("duration_ns").GetString(), info.GetProperty("duration").GetString());
            Assert.Equal(drive.Truth.GetProperty("library").GetString(), info.GetProperty("library").GetString());
            foreach (JsonElement expected in drive.Truth.GetProperty("topics").EnumerateArray())
            {
                JsonElement topic = Assert.Single(
                    info.GetProperty("topics").EnumerateArray(),
                    each => each.GetProperty("topic").GetString() == expected.GetProperty("topic").GetString());
                Assert.Equal(
                    expected.GetProperty("message_count").GetInt64(), topic.GetProperty("messages").GetInt64());
                Assert.Equal(
                    expected.GetProperty("schema_name").GetString() ?? "", topic.GetProperty("schema").GetString());
                Assert.Equal(
                    expected.GetProperty("message_encoding").GetString(),
                    topic.GetProperty("message_encoding").GetString());
            }

            JsonElement attachments = (await ToolRun.DoneAsync("list", "attachments", drive.Path, "--json")).Json;
            Assert.Equal(
                drive.Truth.GetProperty("attachments").EnumerateArray().Select(each => each.GetProperty("name").GetString()),
                attachments.EnumerateArray().Select(each => each.GetProperty("name").GetString()));
            JsonElement metadata = (await ToolRun.DoneAsync("list", "metadata", drive.Path, "--json")).Json;
            Assert.Equal(
                drive.Truth.GetProperty("metadata").EnumerateArray().Select(each => each.GetProperty("name").GetString()),
                metadata.EnumerateArray().Select(each => each.GetProperty("name").GetString()));
        }
    }

    private static DriveHash HashOf(string path, ulong from, ulong to)
    {
        using McapIndexedReader reader = McapIndexedReader.Open(path);
        using McapMessageCursor messages = reader.Read(new McapQuery { From = from, To = to, Order = McapOrder.File });
        DriveHash hash = new();
        while (messages.MoveNext())
        {
            McapMessageView message = messages.Current;
            hash.Add(messages.Channel.Topic, message.LogTime, message.Sequence, message.Data);
        }

        return hash;
    }

    private static void AssertSorted(string path)
    {
        using McapIndexedReader reader = McapIndexedReader.Open(path);
        using McapMessageCursor messages = reader.Read(new McapQuery { Order = McapOrder.File });
        ulong last = 0;
        while (messages.MoveNext())
        {
            Assert.True(messages.Current.LogTime >= last);
            last = messages.Current.LogTime;
        }
    }
}
