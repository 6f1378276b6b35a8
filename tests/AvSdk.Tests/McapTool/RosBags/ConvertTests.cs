using System.Text;
using AvSdk.Mcap;
using AvSdk.Mcap.Tool.RosBags;

namespace AvSdk.Tests.McapTool.RosBags;

/// <summary>ROS 1 bags to MCAP.</summary>
public sealed class ConvertTests
{
    [Theory]
    [InlineData("none")]
    [InlineData("lz4")]
    public async Task A_bag_becomes_channels_schemas_and_messages_with_nothing_lost(string compression)
    {
        using ToolFolder folder = new();
        await File.WriteAllBytesAsync(folder.At("in.bag"), Good(compression).ToArray(), TestContext.Current.CancellationToken);
        ToolRun run = await ToolRun.DoneAsync("convert", folder.At("in.bag"), "-o", folder.At("out.mcap"));
        Assert.Contains("5 messages on 3 channels", run.Output, StringComparison.Ordinal);

        using McapIndexedReader reader = McapIndexedReader.Open(folder.At("out.mcap"));
        Assert.Equal("ros1", reader.Header.Profile);
        Assert.Equal(["std_msgs/String", "std_msgs/UInt8"], reader.Schemas.Values.OrderBy(s => s.Id).Select(s => s.Name));
        McapSchema text = reader.Schemas.Values.Single(schema => schema.Name == "std_msgs/String");
        Assert.Equal("ros1msg", text.Encoding);
        Assert.Equal("string data", Encoding.UTF8.GetString(text.Data.Span));
        McapChannel[] channels = [.. reader.Channels.Values.OrderBy(channel => channel.Id)];
        Assert.Equal(["/chatter", "/count", "/chatter"], channels.Select(channel => channel.Topic));
        Assert.All(channels, channel => Assert.Equal("ros1", channel.MessageEncoding));
        Assert.Equal(["/talker", "/counter", "/other"], channels.Select(channel => channel.Metadata["callerid"]));
        Assert.Equal("1", channels[0].Metadata["latching"]);

        using McapMessageCursor messages = reader.Read(new McapQuery { Order = McapOrder.File });
        List<(string Topic, ulong Time, string Data)> read = [];
        while (messages.MoveNext())
        {
            Assert.Equal(messages.Current.LogTime, messages.Current.PublishTime);
            read.Add((messages.Channel.Topic, messages.Current.LogTime, Convert.ToHexString(messages.Current.Data)));
        }

        Assert.Equal(
            [
                ("/chatter", 1_500_000_000_000_000_001ul, "0102"), ("/count", 1_500_000_000_999_999_999ul, "03"),
                ("/chatter", 1_500_000_002_000_000_000ul, ""), ("/chatter", 1_500_000_001_000_000_000ul, "04"),
                ("/count", 4_294_967_295_000_000_000ul, "05"),
            ], read);
        await ToolRun.DoneAsync("doctor", folder.At("out.mcap"));
    }

    [Fact]
    public async Task A_bag_with_bz2_is_refused_and_the_way_out_named()
    {
        using ToolFolder folder = new();
        await File.WriteAllBytesAsync(folder.At("in.bag"), Good("bz2").ToArray(), TestContext.Current.CancellationToken);
        ToolRun run = await ToolRun.OfAsync("convert", folder.At("in.bag"), "-o", folder.At("out.mcap"));
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("rosbag decompress", run.Errors, StringComparison.Ordinal);
        Assert.Equal(["in.bag"], folder.Files);
    }

    [Fact]
    public async Task A_bag_that_is_cut_is_converted_as_far_as_it_goes_and_says_so()
    {
        byte[] bag = Good("lz4").ToArray();
        using ToolFolder folder = new();
        await File.WriteAllBytesAsync(folder.At("in.bag"), bag[..^130], TestContext.Current.CancellationToken);
        ToolRun run = await ToolRun.OfAsync("convert", folder.At("in.bag"), "-o", folder.At("out.mcap"));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("3 messages", run.Output, StringComparison.Ordinal);
        Assert.Contains("ends within a record", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#ROSBAG V1.2\n and more", "#ROSBAG V1.2")]
    [InlineData("", "an empty file")]
    public async Task What_is_no_bag_is_said_to_be_none(string content, string expected)
    {
        using ToolFolder folder = new();
        await File.WriteAllTextAsync(folder.At("in.bag"), content, TestContext.Current.CancellationToken);
        ToolRun run = await ToolRun.OfAsync("convert", folder.At("in.bag"), "-o", folder.At("out.mcap"));
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("is not a ROS bag of format 2.0", run.Errors, StringComparison.Ordinal);
        Assert.Contains(expected, run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("lz4")]
    public void Every_flipped_bit_and_truncation_is_converted_or_refused(string compression)
    {
        byte[] good = Good(compression).ToArray();
        for (int at = 0; at < good.Length; at++)
        {
            // The padding of the first record says nothing.
            if (at is > 200 and < 4000)
                continue;
            byte[] flipped = [.. good];
            flipped[at] ^= (byte)(1 << (at % 8));
            ConvertOrRefuse(flipped);
            ConvertOrRefuse(good[..at]);
        }
    }

    private static TestBag Good(string compression) => new TestBag()
        .Connection(7, "/chatter", "std_msgs/String", "string data", "/talker")
        .Connection(9, "/count", "std_msgs/UInt8", "uint8 data", "/counter")
        .Message(7, 1_500_000_000, 1, 1, 2)
        .Message(9, 1_500_000_000, 999_999_999, 3)
        .Message(7, 1_500_000_002, 0)
        .Chunk(compression)
        .Connection(7, "/chatter", "std_msgs/String", "string data", "/talker")
        .Connection(70_000, "/chatter", "std_msgs/String", "string data", "/other")
        .Message(70_000, 1_500_000_001, 0, 4)
        .Message(9, 4_294_967_295, 0, 5)
        .Chunk(compression);

    private static void ConvertOrRefuse(byte[] bag)
    {
        BagReader reader = new(new MemorySource(bag));
        using MemoryStream output = new();
        using McapWriter writer = new(output);
        try
        {
            reader.Begin();
            BagConversion.Run(reader, writer, null, TestContext.Current.CancellationToken);
        }
        catch (BagException)
        {
            // Refused, which is one of the two.
        }
    }
}
