using AvSdk.Gateway.Ingest;

namespace AvSdk.Tests.Gateway;

public sealed class PartStagingTests
{
    private readonly ManualTime _time = new();
    private readonly SampleRecording _drive = new();

    [Fact]
    public void Parts_may_overlap_what_is_here_and_must_not_leave_a_gap()
    {
        PartStaging staging = Staging(1 << 20);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        Assert.True(staging.TryBegin("v", chunk.Header));

        Assert.Equal(StageResult.Held, Append(staging, chunk, 0, 20));
        Assert.Equal(StageResult.Held, Append(staging, chunk, 5, 10));
        Assert.Equal(StageResult.Held, Append(staging, chunk, 10, 40));
        Assert.Equal(40UL, staging.HeldBytes(chunk.Header));
        StageResult result = staging.Append("v", chunk.Key, 30, chunk.Body.AsSpan(30), out StagedChunk? whole);

        Assert.Equal(StageResult.Whole, result);
        Assert.Equal(chunk.Body, whole!.Body.ToArray());
        Assert.Equal(chunk.Body.Length, staging.Bytes);
        whole.Dispose();
        whole.Dispose();
        Assert.Equal(0, staging.Bytes);
    }

    [Fact]
    public void A_gap_and_bytes_beyond_the_body_let_the_chunk_go()
    {
        PartStaging staging = Staging(1 << 20);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        staging.TryBegin("v", chunk.Header);
        Assert.Equal(StageResult.Gap, Append(staging, chunk, 1, 10));
        Assert.Equal(StageResult.Unknown, Append(staging, chunk, 0, 10));

        staging.TryBegin("v", chunk.Header);
        Assert.Equal(
            StageResult.Gap, staging.Append("v", chunk.Key, 0, new byte[chunk.Body.Length + 1], out _));
        Assert.Equal(0, staging.Bytes);
    }

    [Fact]
    public void At_the_limit_the_chunk_untouched_for_longest_goes_but_none_that_is_being_sent()
    {
        SampleChunk[] chunks = [.. Enumerable.Range(0, 3).Select(i => _drive.Chunk((_drive.Imu, i)))];
        PartStaging staging = Staging(chunks[0].Body.Length + chunks[1].Body.Length);
        staging.TryBegin("v", chunks[0].Header);
        Append(staging, chunks[0], 0, 10);
        _time.Advance(TimeSpan.FromSeconds(6));
        staging.TryBegin("v", chunks[1].Header);
        Append(staging, chunks[1], 0, 10);

        Assert.True(staging.TryBegin("v", chunks[2].Header));
        Assert.Equal(0UL, staging.HeldBytes(chunks[0].Header));
        Assert.Equal(10UL, staging.HeldBytes(chunks[1].Header));
        Assert.False(staging.TryBegin("v", chunks[0].Header));
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(staging.TryBegin("v", chunks[0].Header));
    }

    [Fact]
    public void What_nobody_added_to_for_too_long_is_let_go()
    {
        PartStaging staging = Staging(1 << 20);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        staging.TryBegin("v", chunk.Header);
        Append(staging, chunk, 0, 10);
        _time.Advance(TimeSpan.FromMinutes(9));
        staging.LetGoOld();
        Assert.Equal(10UL, staging.HeldBytes(chunk.Header));
        _time.Advance(TimeSpan.FromMinutes(1));
        staging.LetGoOld();
        Assert.Equal(0UL, staging.HeldBytes(chunk.Header));
        Assert.Equal(0, staging.Bytes);
    }

    [Fact]
    public void Parts_of_another_hash_are_not_gone_on_with()
    {
        PartStaging staging = Staging(1 << 20);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        staging.TryBegin("v", chunk.Header);
        Append(staging, chunk, 0, 10);

        Assert.Equal(0UL, staging.HeldBytes(chunk.Altered().Header));
        Assert.Equal(StageResult.Unknown, Append(staging, chunk, 10, 20));
    }

    [Fact]
    public void A_chunk_is_only_added_to_by_its_own_vehicle()
    {
        PartStaging staging = Staging(1 << 20);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        staging.TryBegin("v", chunk.Header);
        Assert.Equal(StageResult.OtherVehicle, staging.Append("w", chunk.Key, 0, chunk.Body, out _));
    }

    private static StageResult Append(PartStaging staging, SampleChunk chunk, int from, int to) =>
        staging.Append("v", chunk.Key, (ulong)from, chunk.Body.AsSpan(from, to - from), out _);

    private PartStaging Staging(long bytesMax) => new(bytesMax, TimeSpan.FromMinutes(10), _time);
}
