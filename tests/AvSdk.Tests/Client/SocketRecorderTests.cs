using AvSdk.Contracts.V1;
using AvSdk.Ingestion;
using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Client;

public sealed class SocketRecorderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Typed_messages_go_through_the_socket_into_the_recording()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        await using (SocketRecorder recorder = await AvSdk.Recorder.ConnectAsync(agent.Address, Token))
        {
            Assert.Equal(agent.Recorder.RecordingId, recorder.RecordingId);
            Channel<Imu> imu = recorder.Channel<Imu>("/imu", lane: "events");
            for (uint i = 1; i <= 100; i++)
                Assert.Equal(WriteResult.Accepted, imu.Write(new MessageStamp(i, i, i), new Imu { FrameId = $"{i}" }));
            await recorder.FlushAsync(Token);

            TopicLedger ledger = Assert.Single(agent.Recorder.Ledger.Topics);
            Assert.Equal(("/imu", "events", 100UL), (ledger.Topic, ledger.Lane, ledger.Accepted));
            Assert.Equal(100UL, recorder.Ledger.Accepted);
            Assert.Equal(0UL, recorder.Undurable);
        }

        await agent.StopAsync();
        List<(uint Sequence, byte[] Payload)> recorded = agent.ReadAll()["/imu"];
        Assert.Equal(Numbers(100), recorded.Select(each => each.Sequence));
        Assert.All(recorded, each => Assert.Equal($"{each.Sequence}", Imu.Parser.ParseFrom(each.Payload).FrameId));
    }

    [Fact]
    public async Task Killing_the_agent_again_and_again_loses_and_repeats_nothing()
    {
        const uint messages = 4000;
        await using SocketBench agent = new() { DrainTimeout = TimeSpan.Zero };
        await agent.StartAsync();
        SocketRecorder client = await agent.ConnectAsync();
        (string Topic, string Lane)[] topics = [("/a", "telemetry"), ("/b", "telemetry"), ("/c", "events")];
        Task[] writers = [.. topics.Select(each => Task.Run(() => WriteAsync(client, each.Topic, each.Lane, messages), Token))];
        Random random = new(7);
        for (int kill = 0; kill < 6; kill++)
        {
            ulong until = (ulong)((kill + 1) * 3 * messages / 8) + (ulong)random.Next(50);
            await Eventually.Holds(() => client.Ledger.Accepted >= until || writers.All(writer => writer.IsCompleted));
            await agent.KillAsync();
            await agent.StartAsync();
        }

        await Task.WhenAll(writers);
        await client.FlushAsync(Token);
        await client.DisposeAsync();
        await agent.StopAsync();

        Assert.Equal(3UL * messages, client.Ledger.Accepted);
        Dictionary<string, List<(uint Sequence, byte[] Payload)>> recorded = agent.ReadAll();
        foreach ((string topic, _) in topics)
        {
            Assert.Equal(Numbers(messages), recorded[topic].Select(each => each.Sequence).Order());
            Assert.All(recorded[topic], each => Assert.Equal(Bench.Payload(each.Sequence, 200), each.Payload));
        }
    }

    [Fact]
    public async Task A_mark_goes_to_the_agent_once_whatever_happens_to_the_connection()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        SocketRecorder client = await agent.ConnectAsync();
        client.RawChannel("/a", "raw").WriteRaw(new MessageStamp(5_000_000_000, 0, 1), new byte[10]);
        RecordingMark mark = new()
        {
            Id = Guid.NewGuid(),
            Name = "brake",
            LogTime = 5_000_000_000,
            Before = TimeSpan.FromSeconds(1),
            Metadata = new Dictionary<string, string> { ["by"] = "driver" },
        };
        Assert.Equal(MarkResult.Accepted, client.Mark(mark));
        await client.FlushAsync(Token);
        Assert.Equal(2, agent.Recorder.Status.Lanes.Sum(lane => lane.PinnedChunks));

        await agent.KillAsync();
        Assert.Equal(MarkResult.Accepted, client.Mark(mark));
        Assert.Equal(MarkResult.Accepted, client.Mark(mark with { Id = Guid.NewGuid(), Name = "horn" }));
        await agent.StartAsync();
        await client.FlushAsync(Token);
        await AgentMark.RequestAsync(agent.Address, new RecordingMark { Name = "button", Id = Guid.NewGuid() }, Token);
        await Assert.ThrowsAsync<RecorderException>(() => AgentMark.RequestAsync(
            agent.Address, new RecordingMark { Name = "late", LogTime = ulong.MaxValue / 2 }, Token));
        await client.DisposeAsync();
        Assert.Equal(MarkResult.RefusedStopped, client.Mark(mark));
        await agent.StopAsync();

        List<Mark> marks = [.. agent.ReadAll()[RecordingMark.Topic].Select(each => Mark.Parser.ParseFrom(each.Payload))];
        Assert.Equal(["brake", "button", "horn"], marks.Select(each => each.Name).Order());
        Assert.Equal("driver", marks.Single(each => each.Name == "brake").Metadata["by"]);
    }

    [Fact]
    public async Task An_agent_whose_spool_was_deleted_gets_what_was_not_durable_and_nothing_twice()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        await using SocketRecorder client = await agent.ConnectAsync();
        RecordingChannel channel = client.RawChannel("/a", "raw");
        Write(channel, 1, 10);
        await client.FlushAsync(Token);
        await agent.StopAsync();
        Write(channel, 11, 15);
        agent.ForgetDisk();
        await agent.StartAsync();
        Write(channel, 16, 20);
        await client.FlushAsync(Token);
        await agent.StopAsync();

        Assert.Equal(Numbers(20).Skip(10), agent.ReadAll()["/a"].Select(each => each.Sequence));
    }

    [Fact]
    public async Task A_full_memory_drops_and_counts_and_the_agent_is_told()
    {
        await using SocketBench agent = new();
        SocketRecorderOptions options = SocketBench.FastRetry with
        {
            MemoryBytesMax = 64 << 10,
            MessageBytesMax = 16 << 10,
            StartsWithoutAgent = true,
        };
        await using SocketRecorder client = await agent.ConnectAsync(options);
        RecordingChannel channel = client.RawChannel("/a", "raw");
        byte[] payload = new byte[1000];
        WriteResult[] results = [.. Enumerable.Range(1, 200).Select(i => channel.WriteRaw(Bench.At(1, (uint)i), payload))];
        Assert.Equal(WriteResult.DroppedTooLarge, channel.WriteRaw(Bench.At(1), new byte[(16 << 10) + 1]));
        channel.CountLost(5, "sensor");

        uint accepted = (uint)results.Count(each => each == WriteResult.Accepted);
        ulong dropped = (ulong)results.Count(each => each == WriteResult.DroppedMemoryFull);
        Assert.Equal(200UL, accepted + dropped);
        Assert.InRange(accepted, 40U, 64U);
        Assert.All(results.Take((int)accepted), each => Assert.Equal(WriteResult.Accepted, each));

        await agent.StartAsync();
        await client.FlushAsync(Token);
        Dictionary<string, ulong> expected = new() { ["memory_full"] = dropped, ["sensor"] = 5, ["too_large"] = 1 };
        Assert.Equal(expected, client.Ledger.Topics.Single().Drops.OrderBy(each => each.Key).ToDictionary());
        Assert.Equal(expected, agent.Recorder.Ledger.Topics.Single().Drops.OrderBy(each => each.Key).ToDictionary());
        Assert.Equal((ulong)accepted, agent.Recorder.Ledger.Accepted);

        // What is durable made room.
        Assert.Equal(WriteResult.Accepted, channel.WriteRaw(Bench.At(1, 201), payload));
    }

    [Fact]
    public async Task Replay_waits_for_memory_instead_of_dropping()
    {
        await using SocketBench agent = new();
        SocketRecorderOptions options =
            SocketBench.FastRetry with { MemoryBytesMax = 64 << 10, MessageBytesMax = 16 << 10, StartsWithoutAgent = true };
        await using SocketRecorder client = await agent.ConnectAsync(options);
        RecordingChannel channel = client.RawChannel("/a", "raw");
        Task writing = Task.Run(
            async () =>
            {
                for (uint i = 1; i <= 500; i++)
                {
                    WriteResult result = await channel.WriteRawAsync(Bench.At(i, i), Bench.Payload(i, 1000), Token);
                    Assert.Equal(WriteResult.Accepted, result);
                }
            },
            Token);
        await agent.StartAsync();
        await writing;
        await client.FlushAsync(Token);
        await agent.StopAsync();
        Assert.Equal(Numbers(500), agent.ReadAll()["/a"].Select(each => each.Sequence));
    }

    [Fact]
    public async Task A_channel_that_the_recorder_does_not_take_leaves_the_others_alone()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        agent.Recorder.Channel(Bench.Spec("/taken", "events"));
        await using SocketRecorder client = await agent.ConnectAsync();
        RecordingChannel refused = client.RawChannel("/taken", "raw");
        RecordingChannel good = client.RawChannel("/good", "raw");
        Write(refused, 1, 3);
        Write(good, 1, 3);
        await client.FlushAsync(Token);

        Assert.Equal(WriteResult.DroppedStopped, refused.WriteRaw(Bench.At(4), [1]));
        TopicLedger ledger = client.Ledger.Topics.Single(each => each.Topic == "/taken");
        Assert.Equal((0UL, 3UL), (ledger.Accepted, ledger.Drops["refused"]));
        Assert.Equal(0UL, client.Undurable);
        Assert.Equal(3UL, agent.Recorder.Ledger.Topics.Single(each => each.Topic == "/good").Accepted);
    }

    [Fact]
    public async Task The_same_topic_is_the_same_channel_and_another_schema_is_refused()
    {
        await using SocketRecorder client = SocketRecorder.Start("unix:/nowhere/x.sock", new() { StopTimeout = TimeSpan.Zero });
        RecordingChannel first = client.Channel(Bench.Spec("/a"));
        Assert.Same(first, client.Channel(Bench.Spec("/a")));
        ArgumentException error = Assert.Throws<ArgumentException>(() => client.RawChannel("/a", "json"));
        Assert.Contains("/a was opened with another schema", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_that_fails_to_encode_leaves_the_stream_whole()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        await using SocketRecorder client = await agent.ConnectAsync();
        RecordingChannel channel = client.RawChannel("/a", "raw");
        Write(channel, 1, 2);
        Assert.Throws<InvalidOperationException>(
            () => channel.Write(Bench.At(3), 50, 0, static (_, _) => throw new InvalidOperationException()));
        Write(channel, 3, 4);
        await client.FlushAsync(Token);
        await agent.StopAsync();
        Assert.Equal(Numbers(4), agent.ReadAll()["/a"].Select(each => each.Sequence));
    }

    [Fact]
    public async Task A_payload_that_fails_to_encode_does_not_hold_up_what_others_wrote_behind_it()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        await using SocketRecorder client = await agent.ConnectAsync();
        RecordingChannel failing = client.RawChannel("/a", "raw");
        RecordingChannel other = client.RawChannel("/b", "raw");
        using ManualResetEventSlim encoding = new();
        using ManualResetEventSlim fails = new();
        Task failed = Task.Run(
            () => Assert.Throws<InvalidOperationException>(() => failing.Write(
                Bench.At(1), 50, (encoding, fails), static (events, _) =>
                {
                    events.encoding.Set();
                    events.fails.Wait();
                    throw new InvalidOperationException();
                })), Token);
        encoding.Wait(Token);
        Write(other, 1, 2);
        Task flushed = client.FlushAsync(Token);
        fails.Set();
        await failed;
        await flushed.WaitAsync(TimeSpan.FromMinutes(2), Token);
        await agent.StopAsync();
        Assert.Equal(Numbers(2), agent.ReadAll()["/b"].Select(each => each.Sequence));
    }

    [Fact]
    public async Task Without_an_agent_connecting_says_what_to_check()
    {
        SocketRecorderOptions options = SocketBench.FastRetry with { ConnectTimeout = TimeSpan.FromMilliseconds(50) };
        RecorderException error = await Assert.ThrowsAsync<RecorderException>(
            () => SocketRecorder.ConnectAsync("unix:/nowhere/ingest.sock", options, Token));
        Assert.Contains("No agent answers at /nowhere/ingest.sock", error.Message, StringComparison.Ordinal);
        Assert.Contains("StartsWithoutAgent", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => SocketRecorder.ConnectAsync("/run/x.sock", options, Token));
        await Assert.ThrowsAsync<ArgumentException>(
            () => SocketRecorder.ConnectAsync("unix:/run/x.sock", options with { MemoryBytesMax = 1 }, Token));
    }

    [Fact]
    public async Task The_agent_tells_its_status_to_who_asks()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        byte[] status = await AgentStatus.RequestAsync(agent.Address, Token);
        Assert.Equal("""{"state":"recording"}""", System.Text.Encoding.UTF8.GetString(status));
        RecorderException error = await Assert.ThrowsAsync<RecorderException>(
            () => AgentStatus.RequestAsync("unix:/nowhere/ingest.sock", Token));
        Assert.Contains("systemctl status avagent", error.Message, StringComparison.Ordinal);
    }

    private static async Task WriteAsync(SocketRecorder client, string topic, string lane, uint messages)
    {
        RecordingChannel channel = client.RawChannel(topic, "raw", lane: lane);
        for (uint i = 1; i <= messages; i++)
        {
            Assert.Equal(WriteResult.Accepted, channel.WriteRaw(Bench.At(i, i), Bench.Payload(i, 200)));
            if (i % 50 == 0)
                await Task.Yield();
        }
    }

    private static void Write(RecordingChannel channel, uint first, uint last)
    {
        for (uint i = first; i <= last; i++)
            Assert.Equal(WriteResult.Accepted, channel.WriteRaw(Bench.At(i, i), Bench.Payload(i, 100)));
    }

    private static IEnumerable<uint> Numbers(uint last) => Enumerable.Range(1, (int)last).Select(each => (uint)each);
}
