using System.Text.Json;

namespace AvSdk.Tests.McapTool.Reports;

/// <summary>Where a drive's bytes go.</summary>
public sealed class DiskUseTests
{
    [Theory]
    [InlineData("rav4_60s.lz4")]
    [InlineData("rav4_60s.zstd")]
    [InlineData("rav4_60s.streaming")]
    public async Task Every_byte_of_the_file_is_somebodys(string name)
    {
        const int MagicBytes = 8;
        Drive drive = Drive.Require(name);
        JsonElement use = (await ToolRun.DoneAsync("du", drive.Path, "--json")).Json;
        JsonElement[] records = [.. use.GetProperty("records").EnumerateArray()];
        Assert.Equal(
            use.GetProperty("bytes").GetInt64(),
            (2 * MagicBytes) + records.Sum(record => record.GetProperty("bytes").GetInt64()));

        JsonElement[] topics = [.. use.GetProperty("topics").EnumerateArray()];
        foreach (JsonElement expected in drive.Truth.GetProperty("topics").EnumerateArray())
        {
            JsonElement topic = topics.Single(
                each => each.GetProperty("topic").GetString() == expected.GetProperty("topic").GetString());
            Assert.Equal(expected.GetProperty("message_count").GetInt64(), topic.GetProperty("messages").GetInt64());
            Assert.Equal(expected.GetProperty("payload_bytes").GetInt64(), topic.GetProperty("payload_bytes").GetInt64());
        }

        Assert.Equal(1, topics.Sum(topic => topic.GetProperty("payload_share").GetDouble()), 4);
        // All topics together have what the chunks, or the messages outside of them, have.
        long held = records.Where(record => record.GetProperty("kind").GetString() is "Chunk" or "Message")
            .Sum(record => record.GetProperty("bytes").GetInt64());
        Assert.InRange(topics.Sum(topic => topic.GetProperty("stored_bytes").GetInt64()), held * 0.99, held * 1.01);
    }
}
