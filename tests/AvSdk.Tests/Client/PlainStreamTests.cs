using System.Buffers;
using System.Net.Sockets;
using AvSdk.Ingestion;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Tests.Mcap;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Client;

public sealed class PlainStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rav4_60s.lz4.mcap")]
    [InlineData("rav4_60s.zstd.mcap")]
    [InlineData("rav4_60s.streaming.mcap")]
    [InlineData("rav4_60s.uncompressed.mcap")]
    public async Task A_file_copied_into_the_socket_is_recorded_whole(string drive)
    {
        string path = SharedFiles.Require("drives", drive);
        await using SocketBench agent = new();
        await agent.StartAsync();
        Assert.Empty(await agent.SendAsync(await File.ReadAllBytesAsync(path, Token)));
        await agent.Recorder.FlushAsync(Token);

        Dictionary<string, (long Count, string Hash)> expected = DriveExpectation.Of(path).Topics();
        Assert.Equal(
            expected.ToDictionary(each => each.Key, each => (ulong)each.Value.Count),
            agent.Recorder.Ledger.Topics.ToDictionary(each => each.Topic, each => each.Accepted));
        await agent.StopAsync();
        DriveExpectation.Hashes hashes = new();
        foreach (string segment in agent.Files.Segments)
        {
            using McapStreamReader reader = new(new MemoryStream(agent.Files.Read(segment)));
            while (reader.ReadMessage())
                hashes.Add(reader.MessageChannel.Topic, reader.Message);
        }

        Assert.Equal(expected, hashes.Result());
    }

    [Fact]
    public async Task The_channels_metadata_chooses_the_lane_and_else_the_recorder_does()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        Assert.Empty(await agent.SendAsync(Stream(
            new McapChannel(1, 0, "/chosen", "raw", new Dictionary<string, string> { ["av.lane"] = "events", ["unit"] = "m" }),
            new McapChannel(2, 0, "/other", "raw"))));
        Assert.Equal(
            [("/chosen", "events"), ("/other", "telemetry")],
            agent.Recorder.Ledger.Topics.Select(each => (each.Topic, each.Lane)));
        ChannelSpec spec = agent.Recorder.Channel(new ChannelSpec
        {
            Topic = "/chosen",
            MessageEncoding = "raw",
            Lane = "events",
            Metadata = new Dictionary<string, string> { ["unit"] = "m" },
        }).Spec;
        Assert.Equal(["unit"], spec.Metadata.Keys);
    }

    [Fact]
    public async Task Many_writers_record_at_a_time()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => agent.SendAsync(Stream(
            Enumerable.Range(0, 5).Select(i => new McapChannel((ushort)(i + 1), 0, $"/writer/{writer}/{i}", "raw")).ToArray()))));
        Assert.Equal(40, agent.Recorder.Ledger.Topics.Count);
        Assert.All(agent.Recorder.Ledger.Topics, each => Assert.Equal(3UL, each.Accepted));
    }

    [Theory]
    [InlineData("magic", "wrong magic")]
    [InlineData("long", "over the limit")]
    [InlineData("schema", "names schema 9, which has not been sent")]
    [InlineData("channel", "Channel 7 has not been sent")]
    [InlineData("short", "shorter than its 22 bytes")]
    [InlineData("redefined", "Channel 1 is /a and cannot become /b")]
    [InlineData("conflict", "/conflict cannot be recorded")]
    [InlineData("chunk", "expected")]
    [InlineData("hello", "speaks version 99")]
    public async Task A_bad_stream_is_closed_with_where_and_why_and_what_came_before_stays(
        string fault, string what)
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        agent.Recorder.Channel(Bench.Spec("/conflict"));
        byte[] good = fault == "magic" ? [] : Stream(new McapChannel(1, 0, "/a", "raw"));
        ArrayBufferWriter<byte> bad = new();
        WriteFault(fault, bad);
        byte[] answer = await agent.SendAsync((byte[])[.. good, .. bad.WrittenSpan, .. new byte[100_000]]);

        ErrorRecord error = ReadError(answer);
        Assert.Contains(what, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.InRange(error.Offset, (ulong)good.Length, (ulong)good.Length + 9);
        ulong expected = fault == "magic" ? 0UL : 3UL;
        Assert.Equal(expected, agent.Recorder.Ledger.Accepted);

        // Others are served as before.
        Assert.Empty(await agent.SendAsync(Stream(new McapChannel(1, 0, "/next", "raw"))));
        Assert.Equal(expected + 3, agent.Recorder.Ledger.Accepted);
    }

    [Fact]
    public async Task A_stream_that_ends_in_the_middle_of_a_record_keeps_what_came_before()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        byte[] stream = Stream(new McapChannel(1, 0, "/a", "raw"));
        Assert.Empty(await agent.SendAsync(stream.AsMemory(0, stream.Length - 5)));
        Assert.Equal(2UL, agent.Recorder.Ledger.Accepted);
    }

    [Fact]
    public async Task A_full_recorder_makes_the_writer_wait_or_drops_as_configured()
    {
        RecorderOptions small = new()
        {
            VehicleId = "veh-042",
            FreeBytesMin = 0,
            MemoryBytesMax = 1 << 20,
            MessageBytesMax = 100_000,
            Lanes = [new LaneOptions { Name = "telemetry", ChunkWindow = TimeSpan.FromHours(1), ChunkBytes = 64 << 10 }],
        };
        byte[] stream = Stream(100, 90_000, new McapChannel(1, 0, "/a", "raw"));
        await using SocketBench waits = new() { Options = small };
        await waits.StartAsync();
        await waits.SendAsync(stream);
        Assert.Equal((100UL, 0UL), (waits.Recorder.Ledger.Accepted, waits.Recorder.Ledger.Dropped));

        using ManualResetEventSlim open = new();
        await using SocketBench drops = new() { Options = small, WhenFull = IngestWhenFull.Drop };
        await drops.StartAsync();
        drops.Files.BeforeAppend = _ => open.Wait(Token);
        await drops.SendAsync(stream);
        ulong accepted = drops.Recorder.Ledger.Accepted;
        Assert.InRange(accepted, 1UL, 20UL);
        Assert.Equal(100 - accepted, drops.Recorder.Ledger.Dropped);
        open.Set();
    }

    [Fact]
    public async Task Stopping_takes_what_writers_have_handed_to_the_kernel()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(agent.SocketPath), Token);
        byte[] stream = Stream(1000, 50, new McapChannel(1, 0, "/a", "raw"));
        await socket.SendAsync(stream, Token);
        await Eventually.Holds(() => agent.Server.Connections == 1);
        await agent.StopAsync();
        Assert.Equal(1000, agent.ReadAll()["/a"].Count);
        Assert.False(File.Exists(agent.SocketPath));
    }

    [Fact]
    public async Task A_socket_that_a_killed_agent_left_is_replaced_and_a_living_one_is_not()
    {
        await using SocketBench agent = new();
        using (Socket killed = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            killed.Bind(new UnixDomainSocketEndPoint(agent.SocketPath));
        await agent.StartAsync();
        RecorderException error = Assert.Throws<RecorderException>(() => IngestSocketServer.Start(
            agent.Recorder, new IngestSocketOptions { SocketPath = agent.SocketPath }));
        Assert.Contains("another process listens there", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => IngestSocketServer.Start(
            agent.Recorder, new IngestSocketOptions { SocketPath = "/" + new string('x', 200), ConnectionsMax = 0 }));
    }

    private static void WriteFault(string fault, ArrayBufferWriter<byte> bad)
    {
        switch (fault)
        {
            case "magic":
                bad.Write("not an mcap"u8);
                break;
            case "long":
                bad.Write<byte>([(byte)McapOpcode.Message, 0, 0, 0, 0, 1, 0, 0, 0]);
                break;
            case "schema":
                McapRecordWriter.WriteChannel(bad, new McapChannel(2, 9, "/b", "raw"));
                break;
            case "channel":
                McapRecordWriter.WriteMessage(bad, new McapMessageView(7, 1, 1, 1, []));
                break;
            case "short":
                bad.Write<byte>([(byte)McapOpcode.Message, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
                break;
            case "redefined":
                McapRecordWriter.WriteChannel(bad, new McapChannel(1, 0, "/b", "raw"));
                break;
            case "conflict":
                McapRecordWriter.WriteChannel(bad, new McapChannel(2, 0, "/conflict", "other"));
                break;
            case "chunk":
                using (ChunkBuilder builder = new())
                {
                    builder.AddMessage(1, 1, 1, 1, 1000).Fill(7);
                    ArrayBufferWriter<byte> body = new();
                    builder.WriteBody(ChunkCompression.Lz4, body);
                    byte[] damaged = body.WrittenSpan.ToArray();
                    damaged[^50] ^= 1;
                    damaged[60] ^= 1;
                    bad.Write(damaged);
                }

                break;
            default:
                IngestRecords.Write(bad, new HelloRecord(99, Guid.NewGuid(), "future"));
                break;
        }
    }

    private static ErrorRecord ReadError(byte[] answer)
    {
        using IngestStreamParser parser = new(McapLimits.Default);
        answer.CopyTo(parser.GetMemory());
        parser.Advance(answer.Length);
        while (parser.TryRead(out IngestRecord record) == IngestRead.Record)
        {
            if (record.Opcode == (byte)IngestOpcode.Error
                && IngestRecords.TryParseError(record.Content.Span, out ErrorRecord error))
                return error;
        }

        throw new InvalidOperationException("There was no error record.");
    }

    private static byte[] Stream(params McapChannel[] channels) => Stream(3, 20, channels);

    private static byte[] Stream(uint messages, int payloadBytes, params McapChannel[] channels)
    {
        ArrayBufferWriter<byte> output = new();
        McapRecordWriter.WriteMagic(output);
        McapRecordWriter.WriteHeader(output, new McapHeader("", "test"));
        foreach (McapChannel channel in channels)
        {
            McapRecordWriter.WriteChannel(output, channel);
            for (uint i = 1; i <= messages; i++)
                McapRecordWriter.WriteMessage(output, new McapMessageView(channel.Id, i, i, i, Bench.Payload(i, payloadBytes)));
        }

        return output.WrittenSpan.ToArray();
    }
}
