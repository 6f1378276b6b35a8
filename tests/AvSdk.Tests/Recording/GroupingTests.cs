using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class GroupingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Small_channels_share_chunks()
    {
        Bench bench = new();
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingChannel imu = recorder.Channel(Bench.Spec("/imu"));
            RecordingChannel gnss = recorder.Channel(Bench.Spec("/gnss"));
            for (uint number = 1; number <= 100; number++)
            {
                imu.WriteRaw(Bench.At(number * 10, number), Bench.Payload(number, 100));
                gnss.WriteRaw(Bench.At(number * 10, number), Bench.Payload(number, 100));
            }
        }

        ChunkHeader chunk = Assert.Single(RecordingToSpoolTests.Chunks(bench));
        Assert.Equal([1U, 2U], chunk.Channels.Select(channel => channel.ChannelId));
        Assert.All(chunk.Channels, channel => Assert.Equal(100UL, channel.Messages));
        Assert.All(chunk.Channels, channel => Assert.Equal(10_000UL, channel.PayloadBytes));
    }

    [Fact]
    public async Task A_channel_with_large_messages_gets_chunks_of_its_own_and_keeps_its_order()
    {
        LaneOptions lane = Bench.Lane() with { ChunkBytes = 1 << 20 };
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(lane) };
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingChannel imu = recorder.Channel(Bench.Spec("/imu"));
            RecordingChannel camera = recorder.Channel(Bench.Spec("/camera"));
            uint number = 0;
            for (int round = 0; round < 20; round++)
            {
                number++;
                imu.WriteRaw(Bench.At(number * 100, number), Bench.Payload(number, 100));
                camera.WriteRaw(Bench.At(number * 100, number), Bench.Payload(number, round == 3 ? 300_000 : 5_000));
            }
        }

        Assert.Equal(
            Enumerable.Range(1, 20).Select(number => (uint)number),
            bench.ReadAll().Where(message => message.Topic == "/camera").Select(message => message.Sequence));
        List<ChunkHeader> chunks = RecordingToSpoolTests.Chunks(bench);
        Assert.Equal(2, chunks[0].Channels.Count);
        Assert.All(chunks.Skip(1), chunk => Assert.Single(chunk.Channels));
    }

    [Fact]
    public async Task A_channel_with_a_high_rate_moves_at_a_chunk_boundary_and_keeps_its_order()
    {
        Bench bench = new();
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingChannel imu = recorder.Channel(Bench.Spec("/imu"));
            RecordingChannel lidar = recorder.Channel(Bench.Spec("/lidar"));
            for (uint number = 1; number <= 100; number++)
            {
                imu.WriteRaw(Bench.At(number * 10, number), Bench.Payload(number, 10));
                lidar.WriteRaw(Bench.At(number * 10, number), Bench.Payload(number, 20_000));
            }
        }

        List<ChunkHeader> chunks = RecordingToSpoolTests.Chunks(bench);
        Assert.Equal(2, chunks[0].Channels.Count);
        Assert.All(chunks.Skip(1), chunk => Assert.Single(chunk.Channels));
        Assert.Equal(
            Enumerable.Range(1, 100).Select(number => (uint)number),
            bench.ReadAll().Where(message => message.Topic == "/lidar").Select(message => message.Sequence));
    }

    [Fact]
    public async Task Channels_of_a_configured_group_stay_together_whatever_their_rate()
    {
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane() with { ChunkBytes = 1 << 20 }) with
            {
                LaneRules = [new LaneRule("/stereo/**", "telemetry", "stereo")],
            },
        };
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingChannel left = recorder.Channel(Bench.Spec("/stereo/left"));
            RecordingChannel right = recorder.Channel(Bench.Spec("/stereo/right/raw"));
            RecordingChannel imu = recorder.Channel(Bench.Spec("/imu"));
            imu.WriteRaw(Bench.At(1, 1), Bench.Payload(1, 100));
            left.WriteRaw(Bench.At(1, 1), Bench.Payload(1, 300_000));
            right.WriteRaw(Bench.At(2, 1), Bench.Payload(2, 300_000));
            await recorder.FlushAsync(Ct);
        }

        Assert.Equal([2, 1], RecordingToSpoolTests.Chunks(bench).Select(chunk => chunk.Channels.Count).OrderDescending());
    }

    [Theory]
    [InlineData("/camera/*", "/camera/front", true)]
    [InlineData("/camera/*", "/camera/front/raw", false)]
    [InlineData("/camera/**", "/camera/front/raw", true)]
    [InlineData("**/raw", "/camera/front/raw", true)]
    [InlineData("/camera/?", "/camera/1", true)]
    [InlineData("/camera/?", "/camera/10", false)]
    [InlineData("/imu", "/imu", true)]
    [InlineData("/imu", "/imu2", false)]
    [InlineData("*", "", true)]
    [InlineData("", "x", false)]
    public void A_glob_fits_what_it_says(string glob, string topic, bool fits) =>
        Assert.Equal(fits, TopicGlob.Fits(glob, topic));
}
