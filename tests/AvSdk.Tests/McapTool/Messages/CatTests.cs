using System.Text;
using System.Text.Json;
using AvSdk.Contracts;
using AvSdk.Mcap;
using Google.Protobuf.WellKnownTypes;

namespace AvSdk.Tests.McapTool.Messages;

/// <summary>Messages as lines.</summary>
public sealed class CatTests
{
    [Fact]
    public async Task A_drive_prints_every_message_in_log_time_order()
    {
        Drive drive = Drive.Require("rav4_60s.lz4");
        ToolRun run = await ToolRun.DoneAsync("cat", drive.Path, "-x", "/can", "/camera/*");
        ulong last = 0;
        Dictionary<string, long> counts = [];
        foreach (string line in run.Lines)
        {
            using JsonDocument message = JsonDocument.Parse(line);
            string topic = message.RootElement.GetProperty("topic").GetString()!;
            counts[topic] = counts.GetValueOrDefault(topic) + 1;
            ulong time = ulong.Parse(message.RootElement.GetProperty("log_time").GetString()!, null);
            Assert.True(time >= last);
            last = time;
            Assert.False(message.RootElement.TryGetProperty("error", out _), line);
            bool isOpaque = topic == "/lidar/packets";
            Assert.Equal(isOpaque, message.RootElement.TryGetProperty("data_base64", out _));
            Assert.Equal(!isOpaque, message.RootElement.TryGetProperty("data", out _));
        }

        foreach (JsonElement topic in drive.Truth.GetProperty("topics").EnumerateArray())
        {
            string name = topic.GetProperty("topic").GetString()!;
            if (name != "/can" && !name.StartsWith("/camera", StringComparison.Ordinal))
                Assert.Equal(topic.GetProperty("message_count").GetInt64(), counts[name]);
        }
    }

    [Fact]
    public async Task Reverse_limit_range_and_latest_choose_what_they_say()
    {
        using ToolFolder folder = new();
        string path = Write(folder, writer =>
        {
            ushort a = writer.AddChannel("/a", "json");
            ushort b = writer.AddChannel("/b", "json");
            for (uint i = 0; i < 10; i++)
                writer.WriteMessage(i % 2 == 0 ? a : b, i, 1_000_000_000ul * i, 7, Encoding.UTF8.GetBytes($"{i}"));
        });
        await AssertNumbers([9, 8, 7], "cat", path, "-r", "-n", "3");
        await AssertNumbers([2, 3, 4], "cat", path, "--from", "+2s", "--to", "+5s");
        await AssertNumbers([8, 9], "cat", path, "--from=-1s");
        await AssertNumbers([3, 5], "cat", path, "--from", "2000000000", "--to", "1970-01-01T00:00:06Z", "-t", "/b");
        await AssertNumbers([5, 6], "cat", path, "--latest-before", "+7s");
        await AssertNumbers([], "cat", path, "-n", "0");
        await AssertNumbers([], "cat", path, "--from", "+3s", "--to", "+1s");
    }

    [Fact]
    public async Task A_payload_that_does_not_decode_gets_an_error_and_the_run_goes_on()
    {
        using ToolFolder folder = new();
        string path = Write(folder, writer =>
        {
            ushort schema = writer.AddSchema(
                "google.protobuf.Timestamp", "protobuf", ProtobufSchema.FileDescriptorSet(Timestamp.Descriptor));
            ushort time = writer.AddChannel("/time", "protobuf", schema);
            ushort json = writer.AddChannel("/json", "json");
            writer.WriteMessage(time, 1, 1, 1, [0x08, 1]);
            writer.WriteMessage(time, 2, 2, 2, [0x08]);
            writer.WriteMessage(json, 3, 3, 3, "{\n \"a\": 1.50,\r\n \"b\": [ \"ü\" ] }\n"u8);
            writer.WriteMessage(json, 4, 4, 4, "{\"a\":"u8);
            writer.WriteMessage(json, 5, 5, 5, "1 2"u8);
            writer.WriteMessage(json, 6, 6, 6, "\"\xff\""u8);
            writer.WriteMessage(json, 7, 7, 7, [(byte)'"', 0xff, (byte)'"']);
            writer.WriteMessage(time, 8, 8, 8, [0x08, 2, 0x1d, 0, 0, 0, 0]);
        });
        ToolRun run = await ToolRun.OfAsync("cat", path, "--hex");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal(8, run.Lines.Length);
        JsonElement[] lines = [.. run.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal("1970-01-01T00:00:01Z", lines[0].GetProperty("data").GetString());
        Assert.Equal("08", lines[1].GetProperty("data_hex").GetString());
        Assert.Contains("byte 1 of the payload", lines[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("\"data\":{\"a\":1.50,\"b\":[\"ü\"]}}", run.Lines[2], StringComparison.Ordinal);
        Assert.Equal(
            [false, true, false, true, true, false, true, false],
            lines.Select(line => line.TryGetProperty("error", out _)));
        Assert.Contains("4 messages could not be decoded", run.Errors, StringComparison.Ordinal);
        Assert.Contains("1 field left out", run.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await ToolRun.OfAsync("cat", path, "--raw")).ExitCode);
    }

    [Fact]
    public async Task A_pattern_that_fits_no_topic_is_remarked_upon()
    {
        ToolRun run = await ToolRun.DoneAsync("cat", Drive.Require("rav4_60s.lz4").Path, "-t", "/gns");
        Assert.Empty(run.Output);
        Assert.Contains("no topic fits '/gns': did you mean '/gnss'?", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_are_iso_on_demand()
    {
        ToolRun run = await ToolRun.DoneAsync("cat", Drive.Require("rav4_60s.lz4").Path, "-n", "1", "--iso");
        Assert.Contains("\"log_time\":\"2018-08-02T16:14:48.397000000Z\"", run.Output, StringComparison.Ordinal);
    }

    private static async Task AssertNumbers(int[] expected, params string[] arguments)
    {
        ToolRun run = await ToolRun.DoneAsync(arguments);
        Assert.Equal(expected, run.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("data").GetInt32()));
    }

    private static string Write(ToolFolder folder, Action<McapWriter> write)
    {
        string path = folder.At("in.mcap");
        using McapWriter writer = new(File.Create(path));
        write(writer);
        return path;
    }
}
