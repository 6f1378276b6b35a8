using AvSdk.Recording;
using AvSdk.Testing;

namespace AvSdk.Tests.Testing;

public sealed class MemoryRecorderTests
{
    private static readonly ChannelSpec Imu = new()
    {
        Topic = "/imu",
        MessageEncoding = "json",
        Schema = new SchemaSpec("Imu", "jsonschema", "{}"u8.ToArray()),
    };

    [Fact]
    public async Task Messages_are_kept_whichever_way_they_are_written()
    {
        await using MemoryRecorder recorder = new();
        RecordingChannel channel = recorder.Channel(Imu);

        channel.WriteRaw(new MessageStamp(1, 1, 1), "a"u8);
        channel.Write(
            new MessageStamp(2, 2, 2), payloadBytes: 1, (byte)'b',
            static (value, destination) => destination[0] = value);
        await channel.WriteRawAsync(
            new MessageStamp(3, 3, 3), "c"u8.ToArray(), TestContext.Current.CancellationToken);

        Assert.Equal(
            "abc"u8.ToArray(), recorder.MessagesOf("/imu").SelectMany(each => each.Payload.ToArray()));
        Assert.Equal((3UL, 0UL), (recorder.Ledger.Accepted, recorder.Ledger.Dropped));
        Assert.Equal("telemetry", channel.Spec.Lane);
    }

    [Fact]
    public async Task A_topic_is_one_channel_and_another_schema_for_it_is_refused()
    {
        await using MemoryRecorder recorder = new();
        RecordingChannel channel = recorder.Channel(Imu);

        SchemaSpec equal = new("Imu", "jsonschema", "{}"u8.ToArray());
        Assert.Same(channel, recorder.Channel(Imu with { Schema = equal }));
        Assert.Throws<ArgumentException>(() => recorder.Channel(Imu with { Schema = null }));
        Assert.Throws<ArgumentException>(() => recorder.Channel(Imu with { Lane = "events" }));
    }

    [Fact]
    public async Task Drops_are_counted_by_reason()
    {
        MemoryRecorder recorder = new() { Decide = static (_, stamp) => (WriteResult)(stamp.Sequence % 4) };
        RecordingChannel channel = recorder.Channel(Imu);
        for (uint i = 0; i < 8; i++)
            channel.WriteRaw(new MessageStamp(i, i, i), default);
        channel.CountLost(5, "source");
        await recorder.DisposeAsync();
        Assert.Equal(WriteResult.DroppedStopped, channel.WriteRaw(default, default));

        TopicLedger ledger = Assert.Single(recorder.Ledger.Topics);
        Assert.Equal(2UL, ledger.Accepted);
        Assert.Equal(
            new Dictionary<string, ulong>
            {
                ["memory_full"] = 2,
                ["spool_full"] = 2,
                ["too_large"] = 2,
                ["source"] = 5,
                ["stopped"] = 1,
            },
            ledger.Drops);
    }

    [Fact]
    public async Task Marks_are_kept_once_for_an_id_and_recorded()
    {
        await using MemoryRecorder recorder = new();
        recorder.Channel(new ChannelSpec { Topic = "/a", MessageEncoding = "raw" })
            .WriteRaw(new MessageStamp(7, 7, 0), [1]);
        RecordingMark mark = new() { Id = Guid.NewGuid(), Name = "brake" };
        Assert.Equal(MarkResult.Accepted, recorder.Mark(mark));
        Assert.Equal(MarkResult.Accepted, recorder.Mark(mark));
        recorder.DecideMark = _ => MarkResult.RefusedTooMany;
        Assert.Equal(MarkResult.RefusedTooMany, recorder.Mark("more", 8, default, default));
        Assert.Throws<ArgumentException>(() => recorder.Mark("", 8, default, default));

        Assert.Equal(7UL, Assert.Single(recorder.Marks).LogTime);
        RecordedMessage message = Assert.Single(recorder.MessagesOf(RecordingMark.Topic));
        Assert.Equal("brake", AvSdk.Contracts.V1.Mark.Parser.ParseFrom(message.Payload.Span).Name);
    }
}
