using AvSdk.Recording;
using AvSdk.Recording.Live;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording.Links;

/// <summary>Samples for those who watch obey links as chunks do. The clock stands but for the test's steps.</summary>
public sealed class LiveOverLinksTests : IDisposable
{
    private static readonly LinkOptions Lte = new() { Name = "lte", Word = "lte" };
    private static readonly LinkOptions Roaming = new() { Name = "roaming", Word = "lte-roaming", Live = false };
    private static readonly LinkOptions Depot = new() { Name = "depot", Word = "depot" };

    // The day ends a minute after the test began.
    private static readonly TimeSpan Offset = new(-8, -1, 0);

    // Nobody else waits for as long.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(490);

    private readonly FakeGateway _gateway = new();
    private readonly FakeLinks _links;
    private readonly ManualTime _time = new();
    private readonly MemoryFiles _files = new();
    private uint _number;

    public LiveOverLinksTests() => _links = new FakeLinks(_gateway);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<LinkOptions, bool> Permissions => new()
    {
        { Lte, true },
        { Lte with { Live = false }, false },
        { Lte with { BytesPerDay = 10 << 20 }, false },
        { Lte with { BytesPerMonth = 10 << 20 }, false },
        { Lte with { BytesPerMonth = 10 << 20, Live = true }, true },
        { Lte with { Lanes = ["events"] }, false },
        { Lte with { PriorityMin = 10 }, false },
        { Lte with { Lanes = ["events"], Live = true }, true },
    };

    [Theory]
    [MemberData(nameof(Permissions), DisableDiscoveryEnumeration = true)]
    public async Task A_link_that_is_restricted_carries_samples_only_if_it_says_so(LinkOptions link, bool carries)
    {
        await using LocalRecorder recorder = await OpenAsync([link, Depot], "lte");
        await OverAsync("lte");
        await ShowAsync(recorder, carries ? new LiveStatus(1, 0) : new LiveStatus(0, 0, 1));
        Assert.Equal(carries ? 1 : 0, _links.Shown.Count);

        await SwitchToAsync("depot");
        await OverAsync("depot");
        await ShowAsync(recorder, carries ? new LiveStatus(2, 0) : new LiveStatus(1, 0, 1));
        Assert.Equal(("depot", 2U), (_links.Shown.Last().Link, _links.Shown.Last().Sequence));
    }

    [Fact]
    public async Task Samples_stop_within_a_second_of_another_class_also_the_one_on_its_way()
    {
        await using LocalRecorder recorder = await OpenAsync([Depot, Lte, Roaming], "lte");
        await OverAsync("lte");
        await ShowAsync(recorder, new LiveStatus(1, 0));

        int begun = 0;
        _links.OnSample = token =>
        {
            Interlocked.Increment(ref begun);
            return Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Write(recorder);
        await Eventually.Holds(() => Volatile.Read(ref begun) == 1, "a sample on its way");
        await SwitchToAsync("lte-roaming");
        await Eventually.Holds(() => recorder.Status.Live == new LiveStatus(1, 1), "the end of the sample on its way");
        _links.OnSample = static _ => Task.CompletedTask;
        await OverAsync("roaming");
        await ShowAsync(recorder, new LiveStatus(1, 1, 1));
        await SwitchToAsync("no service");
        await Eventually.Holds(() => _links.Open["roaming"] == 0, "the end of the session");
        await ShowAsync(recorder, new LiveStatus(1, 2, 1));

        await SwitchToAsync("depot");
        await OverAsync("depot");
        await ShowAsync(recorder, new LiveStatus(2, 2, 1));
        Assert.Equal(["lte", "depot"], _links.Shown.Select(static shown => shown.Link));
    }

    [Fact]
    public async Task Samples_count_against_the_budget_and_end_with_it_before_chunks_do_until_the_next_day()
    {
        const long Budget = 100_000;
        LinkOptions lte = Lte with { BytesPerDay = Budget, Live = true, Lanes = ["events"] };
        await using LocalRecorder recorder = await OpenAsync([lte], "lte");
        await OverAsync("lte");
        await Eventually.Holds(() => recorder.Status.Uplink.State == UplinkState.Connected, "the session");
        long before = recorder.Status.Links[0].BytesToday;
        await ShowAsync(recorder, new LiveStatus(1, 0));
        Assert.InRange(recorder.Status.Links[0].BytesToday - before, 10_100, Budget);
        for (int sample = 2; recorder.Status.Live.Withheld == 0; sample++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Write(recorder);
            await Eventually.Holds(() => recorder.Status.Live is var live && live.Published + live.Withheld == sample);
        }

        // Not even a sample's length is left, and something for what matters more.
        Assert.InRange(_links.Shown.Sum(static shown => shown.Bytes), 50_000, Budget - (8 << 10));
        LinkStatus link = recorder.Status.Links[0];
        Assert.Equal((LinkState.Used, null), (link.State, link.Why));
        Assert.InRange(link.LeftToday!.Value, 1, 20_000);
        Assert.True(link.BytesToday >= _links.Shown.Sum(static shown => shown.Bytes) + _links.BytesOver("lte"));

        long published = recorder.Status.Live.Published;
        _time.Advance(TimeSpan.FromMinutes(1));
        Write(recorder);
        await Eventually.Holds(() => recorder.Status.Live.Published == published + 1, "a sample of the next day");
    }

    [Fact]
    public async Task Outside_of_a_links_hours_nobody_sees_anything()
    {
        // It is 7:59 by this clock.
        LinkOptions lte = Lte with { Windows = [new LinkWindow(new TimeOnly(8, 0), new TimeOnly(9, 0))] };
        await using LocalRecorder recorder = await OpenAsync([lte], "lte", new TimeSpan(0, -1, 0));
        await Eventually.Holds(() => recorder.Status.Links[0].State == LinkState.Closed, "the link's state");
        Write(recorder);
        await recorder.FlushAsync(Ct);
        Assert.Empty(_links.Shown);
        _time.Advance(TimeSpan.FromMinutes(1));
        await SwitchToAsync("lte");
        await OverAsync("lte");
        // What waited since is what is newest.
        await Eventually.Holds(() => recorder.Status.Live.Published == 1, "the sample");
    }

    [Fact]
    public async Task Samples_take_at_most_half_of_a_links_rate_and_chunks_the_rest()
    {
        const long Rate = 64 << 10;
        LinkOptions lte = Lte with { BytesPerSecond = Rate };
        await using LocalRecorder recorder = await OpenAsync([lte], "lte");
        await OverAsync("lte");
        const int seconds = 20;
        for (int step = 0; step < 50 * seconds; step++)
        {
            Write(recorder);
            _time.Advance(TimeSpan.FromMilliseconds(20));
            await Eventually.Holds(() => recorder.Status.Live is var live && live.Published + live.Withheld == step + 1);
        }

        long shown = _links.Shown.Sum(static each => each.Bytes);
        Assert.InRange(shown, Rate / 4 * seconds, (Rate / 2 * seconds) + 10_100);
        Assert.NotEqual(0, recorder.Status.Live.Withheld);
    }

    public void Dispose() => _files.Dispose();

    // The watch waits for its next look; then it is seen within a second.
    private async Task SwitchToAsync(string word)
    {
        _links.Facts = FakeLinks.Word(word);
        await Eventually.Holds(() => _time.IsAwaited(Period), "the next look");
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    private Task OverAsync(string link) => Eventually.Holds(
        () => _links.Open.GetValueOrDefault(link) == 1 && _links.Sent.LastOrDefault().Link == link, $"a session over {link}");

    private async Task ShowAsync(LocalRecorder recorder, LiveStatus expected)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        Write(recorder);
        await Eventually.Holds(() => recorder.Status.Live == expected, $"{expected}");
    }

    private void Write(LocalRecorder recorder)
    {
        RecordingChannel channel = recorder.Channel(Bench.Spec("/gnss"));
        _number++;
        Assert.Equal(WriteResult.Accepted, channel.WriteRaw(Bench.At(_number, _number), Bench.Payload(_number, 10_000)));
    }

    private ValueTask<LocalRecorder> OpenAsync(LinkOptions[] links, string word, TimeSpan? offset = null)
    {
        _links.Facts = FakeLinks.Word(word);
        RecorderOptions options = RecordingToSpoolTests.OptionsOf(Bench.Lane(), Bench.Lane("events") with { Priority = 10 });
        options = options with
        {
            // The clock stands: a drain would wait for ever.
            Upload = new UploadOptions { DrainTimeout = TimeSpan.Zero },
            Links = new LinksOptions { Links = links, Command = ["word"], Period = Period, UtcOffset = offset ?? Offset },
            Live = [new LiveRule("/gnss") { RateMax = 100 }],
        };
        RecorderPorts ports = new()
        {
            Files = _files,
            Uplink = _links,
            Links = _links,
            Time = _time,
            Random = new Random(links.Length),
        };
        return LocalRecorder.OpenAsync(options, ports, Ct);
    }
}
