using AvSdk.Contracts;
using AvSdk.Query;
using FsCheck;
using FsCheck.Fluent;

namespace AvSdk.Tests.Client;

public sealed class MergeTests
{
    // Few log times, so that many are equal, and chunks that overlap in every way.
    private static readonly Gen<Drive> Drives =
        from lanes in Gen.Choose(1, 4)
        from chunks in Gen.ListOf(
            from lane in Gen.Choose(0, lanes - 1)
            from messages in Gen.NonEmptyListOf(
                from channel in Gen.Choose(1, 3) from time in Gen.Choose(0, 12) select (channel, time))
            select (lane, messages))
        from start in Gen.Choose(0, 12)
        from length in Gen.Choose(0, 13)
        select new Drive(
            [.. chunks.Select(chunk => (chunk.lane, chunk.messages.ToArray()))], (ulong)start, (ulong)(start + length));

    [Fact]
    public void Any_chunks_come_out_in_order_of_log_time_with_each_channels_order_kept() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Drives.ToArbitrary(), drive =>
        {
            (FakeGateway gateway, List<Expected> stored) = drive.Store();
            List<Expected> read = Read(gateway.Client().Query());
            return read.SequenceEqual(Ordered(stored));
        }));

    [Fact]
    public void Any_selection_gives_its_messages_and_no_others() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Drives.ToArbitrary(), drive =>
        {
            (FakeGateway gateway, List<Expected> stored) = drive.Store();
            AvQuery query = gateway.Client().Query().Between(drive.From, drive.To).Topics("/c/1", "/c/3");
            IEnumerable<Expected> expected = Ordered(stored.Where(each =>
                each.LogTime >= drive.From && each.LogTime < drive.To && each.Topic != "/c/2"));
            return Read(query).SequenceEqual(expected);
        }));

    [Theory]
    [InlineData("/imu", "/imu", true)]
    [InlineData("/imu", "/imu2", false)]
    [InlineData("/camera/*", "/camera/front", true)]
    [InlineData("/camera/*", "/camera/front/raw", false)]
    [InlineData("/camera/**", "/camera/front/raw", true)]
    [InlineData("**/raw", "/camera/front/raw", true)]
    [InlineData("/lidar?", "/lidar2", true)]
    [InlineData("/lidar?", "/lidar", false)]
    [InlineData("*", "/imu", false)]
    [InlineData("**", "/imu", true)]
    [InlineData("/*/front/*", "/camera/front/raw", true)]
    [InlineData("", "", true)]
    public void A_pattern_fits_a_whole_topic(string pattern, string topic, bool fits) =>
        Assert.Equal(fits, TopicGlob.Fits(pattern, topic));

    // What the README promises: log time, then vehicle, recording, lane, sequence, record.
    private static IEnumerable<Expected> Ordered(IEnumerable<Expected> stored) =>
        stored.OrderBy(each => each.LogTime).ThenBy(each => each.Lane, StringComparer.Ordinal)
            .ThenBy(each => each.Chunk).ThenBy(each => each.Number);

    private static List<Expected> Read(AvQuery query) =>
        Task.Run(async () =>
        {
            List<Expected> read = [];
            await foreach (RawMessage message in query.ReadRawAsync(TestContext.Current.CancellationToken))
            {
                Assert.Equal(message.LogTime, BitConverter.ToUInt64(message.Payload.Span));
                read.Add(new Expected(
                    message.LogTime, message.Topic, message.Origin.Lane, message.Origin.ChunkSequence, message.Sequence));
            }

            return read;
        }).GetAwaiter().GetResult();

    private sealed record Expected(ulong LogTime, string Topic, string Lane, ulong Chunk, uint Number);

    private sealed record Drive((int Lane, (int Channel, int Time)[] Messages)[] Chunks, ulong From, ulong To)
    {
        public (FakeGateway Gateway, List<Expected> Stored) Store()
        {
            FakeGateway gateway = new();
            FakeRecording recording = gateway.Add(
                "veh-1", new FakeChannel(1, "/c/1"), new FakeChannel(2, "/c/2"), new FakeChannel(3, "/c/3"));
            List<Expected> stored = [];
            Dictionary<string, ulong> sequences = [];
            uint number = 0;
            foreach ((int laneNumber, (int Channel, int Time)[] messages) in Chunks)
            {
                string lane = $"lane-{laneNumber}";
                ulong sequence = sequences[lane] = sequences.GetValueOrDefault(lane) + 1;
                List<FakeMessage> chunk = [];
                foreach ((int channel, int time) in messages)
                {
                    chunk.Add(new FakeMessage((ushort)channel, (ulong)time, ++number, BitConverter.GetBytes((ulong)time)));
                    stored.Add(new Expected((ulong)time, $"/c/{channel}", lane, sequence, number));
                }

                gateway.Store(recording, lane, [.. chunk]);
            }

            return (gateway, stored);
        }
    }
}
