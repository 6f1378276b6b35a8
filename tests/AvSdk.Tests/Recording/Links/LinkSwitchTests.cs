using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording.Links;

/// <summary>A recorder whose links come and go.</summary>
public sealed class LinkSwitchTests : IDisposable
{
    private static readonly LinkOptions Lte = new() { Name = "lte", Word = "lte" };
    private static readonly LinkOptions Depot = new() { Name = "depot", Word = "depot" };

    // The day ends a minute after the test began.
    private static readonly TimeSpan Offset = new(-8, -1, 0);

    // Nobody else waits for as long.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(490);

    private readonly FakeGateway _gateway = new() { PartBytesMax = 4096 };
    private readonly FakeLinks _links;
    private readonly ManualTime _time = new();
    private readonly MemoryFiles _files = new();

    public LinkSwitchTests() => _links = new FakeLinks(_gateway);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Transfer_stops_within_a_second_of_another_class_and_goes_on_at_the_next_link()
    {
        TaskCompletionSource held = new();
        int parts = 0;
        _gateway.OnPart = _ => Interlocked.Increment(ref parts) == 5 ? held.Task : Task.CompletedTask;
        await using LocalRecorder recorder = await OpenAsync([Depot, Lte], "lte");
        Write(recorder, 200);
        await recorder.FlushAsync(Ct);
        await Eventually.Holds(() => _links.PartsOver("lte") == 5, "the fifth part");

        await SwitchToAsync("lte-roaming");
        await Eventually.Holds(() => _links.Open["lte"] == 0, "the end of the session");
        Assert.Equal(UplinkState.Waiting, recorder.Status.Uplink.State);
        Assert.Contains("lte: the command says lte-roaming", recorder.Status.Uplink.LastError, StringComparison.Ordinal);
        Assert.Equal(5, _links.PartsOver("lte"));

        await SwitchToAsync("depot");
        await recorder.DrainAsync(Ct);
        Assert.Equal(5, _links.PartsOver("lte"));
        Assert.Equal(200UL, recorder.Ledger.Delivered);
        Assert.Equal(["Used", "Down"], recorder.Status.Links.Select(static link => link.State.ToString()));
    }

    [Fact]
    public async Task A_link_carries_its_lanes_and_tells_of_the_others()
    {
        LinkOptions lte = Lte with { PriorityMin = 10 };
        await using LocalRecorder recorder = await OpenAsync([lte, Depot], "lte");
        Write(recorder, 20);
        Write(recorder, 20, "events");
        await recorder.FlushAsync(Ct);
        await Eventually.Holds(() => recorder.Status.Lanes[1].PendingChunks == 0, "the events' receipts");
        await Eventually.Holds(() => _gateway.AnnouncedCount == _gateway.Headers.Count && _gateway.Headers.Any(
            static header => header.Ref.Lane == "telemetry"), "the catalogue");
        Assert.NotEqual(0, recorder.Status.Lanes[0].PendingChunks);
        Assert.Null(recorder.Status.Lanes[0].TimeToEmpty);
        Assert.Equal(TimeSpan.Zero, recorder.Status.Lanes[1].TimeToEmpty);

        await SwitchToAsync("depot");
        await recorder.DrainAsync(Ct);
        Assert.Equal(40UL, recorder.Ledger.Delivered);
    }

    [Theory]
    [InlineData(LinkUsedUp.Nothing)]
    [InlineData(LinkUsedUp.Catalogue)]
    [InlineData(LinkUsedUp.Marked)]
    public async Task A_used_up_budget_holds_over_a_restart_and_lets_go_what_it_says(LinkUsedUp goes)
    {
        const long Budget = 100_000;
        LinkOptions lte = Lte with { BytesPerDay = Budget, WhenUsedUp = goes };
        LocalRecorder recorder = await OpenAsync([lte], "lte");
        Write(recorder, 300);
        await recorder.FlushAsync(Ct);
        await Eventually.Holds(() => recorder.Status.Links[0].Why is not null, "the budget's end");
        LinkStatus link = recorder.Status.Links[0];
        Assert.Equal("the day's budget is used up", link.Why);
        Assert.Equal(_time.GetUtcNow().AddMinutes(1), link.Until);
        Assert.InRange(_links.BytesOver("lte"), Budget / 2, goes == LinkUsedUp.Nothing ? Budget : Budget + 20_000);
        await recorder.DisposeAsync();
        long before = _links.BytesOver("lte");
        int partsBefore = _links.PartsOver("lte");

        recorder = await OpenAsync([lte], "lte");
        await Eventually.Holds(() => recorder.Status.Recovery.IsDone, "recovery");
        Write(recorder, 10);
        await recorder.FlushAsync(Ct);
        if (goes == LinkUsedUp.Nothing)
        {
            await Eventually.Holds(() => recorder.Status.Links[0].State == LinkState.UsedUp, "the link's state");
            Assert.Equal(before, _links.BytesOver("lte"));
        }
        else
        {
            await Eventually.Holds(() => _links.BytesOver("lte") > before, "the catalogue");
            recorder.Mark(new RecordingMark { Name = "hit", LogTime = Bench.At(1).LogTime, After = TimeSpan.FromMilliseconds(1) });
            await recorder.FlushAsync(Ct);
            if (goes == LinkUsedUp.Marked)
                await Eventually.Holds(() => _links.PartsOver("lte") > partsBefore, "the marked chunk");
            else
                Assert.Equal(partsBefore, _links.PartsOver("lte"));
        }

        Assert.NotEqual(0, recorder.Status.Lanes[0].PendingChunks);
        // The next day.
        _time.Advance(TimeSpan.FromMinutes(1));
        await SwitchToAsync("lte");
        await Eventually.Holds(() => _links.PartsOver("lte") > partsBefore + 2, "parts of the next day");
        await recorder.DisposeAsync();
    }

    [Fact]
    public async Task Other_links_are_taken_while_it_runs_and_what_was_spent_counts_on()
    {
        await using LocalRecorder recorder = await OpenAsync([], "lte");
        Write(recorder, 20);
        await recorder.DrainAsync(Ct);
        Assert.NotEqual(0, _links.PartsOver(""));

        await Reconfigure([Lte with { BytesPerMonth = 1 << 20 }]);
        Write(recorder, 20);
        await recorder.DrainAsync(Ct);
        long over = _links.BytesOver("lte");
        LinkStatus lte = recorder.Status.Links.Single();
        Assert.InRange(lte.BytesThisMonth, over, _links.BytesOver("lte"));
        Assert.Equal((1 << 20) - lte.BytesThisMonth, lte.LeftThisMonth);

        await Reconfigure([Lte with { BytesPerMonth = 2 << 20, BytesPerSecond = 1 << 20 }]);
        Write(recorder, 20);
        await recorder.FlushAsync(Ct);
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(50));
                return recorder.Status.Lanes[0].PendingChunks == 0;
            },
            "delivery");
        Assert.InRange(recorder.Status.Links.Single().BytesThisMonth, over + 1, 2 << 20);
        Assert.InRange(recorder.Status.Uplink.BytesPerSecond, 1, double.MaxValue);

        async Task Reconfigure(LinkOptions[] links)
        {
            RecorderOptions options = recorder.Options;
            Assert.Empty(await recorder.ReconfigureAsync(
                options with { Links = options.Links with { Links = links, Command = ["word"] } }, Ct));
        }
    }

    public void Dispose() => _files.Dispose();

    // The watch waits for its next look; then it is seen within a second.
    private async Task SwitchToAsync(string word)
    {
        _links.Facts = FakeLinks.Word(word);
        await Eventually.Holds(() => _time.IsAwaited(Period), "the next look");
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    private static void Write(LocalRecorder recorder, int messages, string lane = "telemetry") =>
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/" + lane, lane)), 1, messages, 1000);

    private ValueTask<LocalRecorder> OpenAsync(LinkOptions[] links, string word)
    {
        _links.Facts = FakeLinks.Word(word);
        RecorderOptions options = RecordingToSpoolTests.OptionsOf(Bench.Lane(), Bench.Lane("events") with { Priority = 10 });
        // The clock stands: a drain would wait for ever.
        options = options with
        {
            Upload = new UploadOptions { DrainTimeout = TimeSpan.Zero },
            Links = new LinksOptions { Links = links, Command = ["word"], Period = Period, UtcOffset = Offset },
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
