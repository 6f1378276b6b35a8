using AvSdk.Recording;
using AvSdk.Recording.Spool;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

/// <summary>The spool's folder is not there when the recorder starts, or goes while it runs.</summary>
public sealed class FolderAwayTests : IDisposable
{
    private static readonly Guid SourceId = Guid.Parse("11111111-2222-4333-8444-555555555555");

    private readonly ManualTime _time = new();
    private MemoryFiles _files = new();
    private volatile bool _isThere;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Recording_begins_in_memory_and_goes_to_the_disk_when_it_is_back()
    {
        await using LocalRecorder recorder = await OpenAsync();
        Assert.True(recorder.Status.Disk.Refuses);
        Assert.NotNull(recorder.Status.Disk.Since);
        Assert.NotNull(recorder.Status.LastSpoolError);
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 10, 1000);
        await RefusedAsync(recorder);
        Assert.Empty(_files.Names);

        _isThere = true;
        await BackAsync(recorder);
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 11, 10, 1000);
        await recorder.FlushAsync(Ct);
        Assert.Equal(Enumerable.Range(1, 20), Sequences());
        Assert.Equal((20UL, 0UL), (recorder.Ledger.Accepted, recorder.Ledger.Dropped));
        Assert.Null(recorder.Status.Disk.Since);
    }

    [Fact]
    public async Task A_source_need_not_wait_and_what_earlier_recordings_left_is_found_when_the_disk_is_back()
    {
        _isThere = true;
        LocalRecorder earlier = await OpenAsync();
        RecordingSource known = await earlier.OpenSourceAsync(SourceId, Ct);
        RecordingToSpoolTests.WriteMany(known.Channel(Bench.Spec("/imu")), 1, 10, 1000);
        await earlier.FlushAsync(Ct);
        MemoryFiles left = _files.Copy();
        await earlier.DisposeAsync();

        _files = left;
        _isThere = false;
        await using LocalRecorder recorder = await OpenAsync();
        RecordingSource source = await recorder.OpenSourceAsync(Guid.NewGuid(), Ct);
        RecordingToSpoolTests.WriteMany(source.Channel(Bench.Spec("/imu")), 11, 10, 1000);
        await RefusedAsync(recorder);
        // Longer than what cannot be read is tried.
        for (int minute = 0; minute < 60; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        Assert.False(recorder.Status.Recovery.IsDone);
        Assert.Empty(source.DurablePositions);
        _isThere = true;
        await BackAsync(recorder);
        await recorder.FlushAsync(Ct);
        await Eventually.Holds(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            return recorder.Status.Recovery.IsDone;
        });
        Assert.Equal(10UL, source.DurablePositions["/imu"]);
        Assert.Equal(10UL, recorder.GetSourcePositions(SourceId)["/imu"]);
        Assert.Equal(Enumerable.Range(1, 20), Sequences().Order());
        Assert.Equal((2, 1), ((int)recorder.Status.Lanes[0].PendingChunks, recorder.Status.Recovery.Recordings));
        Assert.DoesNotContain(_files.Names, name => name.EndsWith(".damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_that_goes_while_the_recorder_runs_is_waited_for()
    {
        _isThere = true;
        await using LocalRecorder recorder = await OpenAsync(Bench.Lane() with { SegmentAgeMax = TimeSpan.FromSeconds(1) });
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 10, 1000);
        await recorder.FlushAsync(Ct);
        _isThere = false;
        await Eventually.Holds(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return recorder.Status.Disk.Refuses;
        });
        for (uint round = 1; round < 4; round++)
        {
            RecordingToSpoolTests.WriteMany(channel, 1 + (round * 10), 10, 1000);
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        _isThere = true;
        await BackAsync(recorder);
        await recorder.FlushAsync(Ct);
        Assert.Equal(Enumerable.Range(1, 40), Sequences());
    }

    [Fact]
    public async Task A_recorder_that_stops_while_its_folder_is_away_counts_what_is_lost()
    {
        LocalRecorder recorder = await OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 10, 1000);
        Task stop = recorder.DisposeAsync().AsTask();
        await Eventually.Holds(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return stop.IsCompleted;
        });
        await stop;
        Assert.Equal(10UL, recorder.Ledger.Topics.Single().Drops["disk"]);
    }

    [Fact]
    public void A_wrong_path_is_refused_and_a_folder_that_was_moved_is_away_until_it_is_back()
    {
        string root = Directory.CreateTempSubdirectory("av-away-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(root, "file"), "");
            Assert.Throws<RecorderException>(() => ReturningSpoolFiles.OpenFolder(Path.Combine(root, "file", "spool"), _time));
            string folder = Path.Combine(root, "spool");
            using (ReturningSpoolFiles files = ReturningSpoolFiles.OpenFolder(folder, _time))
            {
                Assert.Throws<RecorderException>(() => ReturningSpoolFiles.OpenFolder(folder, _time));
                files.Create("a").Dispose();
                Assert.Null(files.WhyAway);
                // On the same disk it was deleted, not unmounted: a new one is begun.
                Directory.Delete(folder, recursive: true);
                _time.Advance(TimeSpan.FromSeconds(1));
                Assert.Null(files.WhyAway);
                Assert.Empty(files.List());
                files.Create("b").Dispose();
            }

            Assert.True(File.Exists(Path.Combine(folder, "b")));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private async Task<LocalRecorder> OpenAsync(LaneOptions? lane = null)
    {
        MemoryFiles files = _files;
        ReturningSpoolFiles folder = new(
            "folder", () => _isThere ? files : throw new IOException("Read-only file system."), _ => _isThere, _time);
        RecorderOptions options = RecordingToSpoolTests.OptionsOf(lane ?? Bench.Lane());
        return await LocalRecorder.OpenAsync(options, new RecorderPorts { Files = folder, Time = _time }, Ct);
    }

    private IEnumerable<int> Sequences() => _files.Segments
        .SelectMany(name => Bench.ReadSegment(_files.Read(name))).Select(message => (int)message.Sequence);

    private async Task RefusedAsync(LocalRecorder recorder)
    {
        Task flush = recorder.FlushAsync(Ct);
        await Eventually.Holds(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return flush.IsCompleted && recorder.Status.Disk.HeldChunks > 0;
        });
        await Assert.ThrowsAsync<RecorderException>(() => flush);
    }

    private Task BackAsync(LocalRecorder recorder) => Eventually.Holds(() =>
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return !recorder.Status.Disk.Refuses;
    });
}
