using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

/// <summary>Chunks that the gateway stored, and that were evicted before their receipts came.</summary>
public sealed class EvictedOnTheWayTests
{
    private const uint Messages = 150;

    private readonly Bench _bench = new()
    {
        Gateway = new FakeGateway { HoldsReceipts = true },
        Options = Options,
    };

    private static RecorderOptions Options => RecordingToSpoolTests.OptionsOf(Filling.Lane("sensors"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private FakeGateway Gateway => _bench.Gateway!;

    [Fact]
    public async Task A_receipt_that_comes_after_the_eviction_makes_them_delivered()
    {
        await using LocalRecorder recorder = await _bench.OpenAsync();
        await SendAsync(recorder);
        TopicLedger topic = recorder.Ledger.Topics.Single();
        // Gone from the disk, and of no end yet: nobody knows whether the gateway has them.
        Assert.NotEmpty(Filling.Evictions(_bench.Files));
        Assert.Equal((0UL, 0UL), (topic.Delivered, topic.Evicted));

        Task drained = recorder.DrainAsync(Ct);
        Gateway.LetReceiptsGo();
        await drained;
        topic = recorder.Ledger.Topics.Single();
        Assert.Equal((Messages, 0UL), (topic.Delivered, topic.Evicted));
        Assert.Empty(topic.Missing);
        await recorder.DisposeAsync();
        LedgerReport report = LedgerTests.ReportOf(Gateway, recorder.RecordingId);
        Assert.True(report.IsComplete && report.Disagreements.Count == 0, report.ToString());
        Assert.Equal(Messages, report.Topics.Single().Delivered);
    }

    [Fact]
    public async Task When_the_link_goes_before_their_receipts_they_are_evicted_and_only_the_gateway_knows_better()
    {
        await using LocalRecorder recorder = await _bench.OpenAsync();
        await SendAsync(recorder);
        Gateway.HoldsReceipts = false;
        Gateway.Cut();
        await UploadTests.DrainThroughRetriesAsync(_bench, recorder);

        TopicLedger topic = recorder.Ledger.Topics.Single();
        Assert.True(topic is { Evicted: > 0, Delivered: > 0 }, topic.ToString());
        Assert.Equal(Messages, topic.Delivered + topic.Evicted);
        await recorder.DisposeAsync();
        LedgerReport report = LedgerTests.ReportOf(Gateway, recorder.RecordingId);
        Assert.True(report.IsComplete, report.ToString());
        Assert.All(report.Disagreements, static each => Assert.Equal("delivered_after_all", each.Kind));
        Assert.Equal((Messages, 0UL), (report.Topics.Single().Delivered, report.Topics.Single().Evicted));
    }

    [Fact]
    public async Task What_the_gateway_will_not_take_now_was_evicted()
    {
        Gateway.Judge = _ => new Receipt { Outcome = Receipt.Types.Outcome.RetryLater, RetryAfterMs = 100 };
        Bench bench = new()
        {
            Gateway = Gateway,
            Files = _bench.Files,
            Options = Options with { Upload = new UploadOptions { DrainTimeout = TimeSpan.Zero } },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        await SendAsync(recorder);
        Assert.Equal(0UL, recorder.Ledger.Topics.Single().Evicted);
        ulong gone = Filling.Evictions(_bench.Files)
            .Aggregate(0UL, static (sum, ended) => sum + ended.Last - ended.First + 1);
        Gateway.LetReceiptsGo();
        await Eventually.Holds(() => recorder.Ledger.Topics.Single().Evicted == gone, "what went is evicted");
    }

    // A message is a chunk; all are sent before the oldest go.
    private async Task SendAsync(LocalRecorder recorder)
    {
        for (uint number = 1; number <= Messages; number++)
        {
            Assert.Empty(await Filling.FillAsync(recorder, "/lidar", "sensors", number, number));
            await Eventually.Holds(() => Gateway.Parts.Count >= number, "it is sent");
        }
    }
}
