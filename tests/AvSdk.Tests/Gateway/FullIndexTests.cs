using AvSdk.Contracts.V1;

namespace AvSdk.Tests.Gateway;

/// <summary>A gateway whose index takes nothing for a while: its vehicles wait, and their streams go on.</summary>
public sealed class FullIndexTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SampleRecording _drive = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_chunk_is_to_be_sent_again_later_and_what_is_told_waits_for_its_answer()
    {
        await using IngestBench bench = await IngestBench.StartAsync(_folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk first = _drive.Chunk((_drive.Imu, 1));
        SampleChunk second = _drive.Chunk((_drive.Imu, 2));
        await link.AnnounceAsync(first);
        bench.Index.IsFull = true;

        Receipt later = await link.SendWholeAsync(first);
        Assert.Equal(Receipt.Types.Outcome.RetryLater, later.Outcome);
        Assert.InRange(later.RetryAfterMs, 1U, 60_000U);
        int refused = bench.Index.Refused;
        Task<ChunkState> announced = link.AnnounceAsync(second);
        await AdvanceUntilAsync(bench, () => bench.Index.Refused > refused + 3);
        Assert.False(announced.IsCompleted);
        Assert.False(link.Ended.IsCompleted);

        bench.Index.IsFull = false;
        await AdvanceUntilAsync(bench, () => announced.IsCompleted);
        Assert.Equal(ChunkState.Types.Kind.Unknown, (await announced).Kind);
        Assert.Equal(Receipt.Types.Outcome.Stored, (await link.SendWholeAsync(first)).Outcome);
        Assert.Equal(Receipt.Types.Outcome.Stored, (await link.SendWholeAsync(second)).Outcome);
        Assert.False(link.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_part_of_a_chunk_that_the_index_cannot_be_asked_about_is_to_be_sent_again_later()
    {
        await using IngestBench bench = await IngestBench.StartAsync(_folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 1));
        await link.AnnounceAsync(chunk);
        bench.Index.FailsReads = true;
        Receipt later = await link.SendWholeAsync(chunk);
        Assert.Equal(Receipt.Types.Outcome.RetryLater, later.Outcome);
        Assert.InRange(later.RetryAfterMs, 1U, 60_000U);

        bench.Index.FailsReads = false;
        Assert.Equal(Receipt.Types.Outcome.Stored, (await link.SendWholeAsync(chunk)).Outcome);
    }

    [Fact]
    public async Task After_a_minute_the_vehicle_is_to_come_again()
    {
        await using IngestBench bench = await IngestBench.StartAsync(_folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        bench.Index.IsFull = true;
        await link.SendAsync(_drive.Chunk((_drive.Imu, 1)).Announcement);
        await AdvanceUntilAsync(bench, () => link.Ended.IsCompleted);
        Assert.Contains("try again later", (await link.RefusedAsync()).Message, StringComparison.Ordinal);
        bench.Index.IsFull = false;
    }

    private static async Task AdvanceUntilAsync(IngestBench bench, Func<bool> isSo)
    {
        while (!isSo())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            bench.Time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }
    }
}
