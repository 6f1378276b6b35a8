using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Tests.Contracts;

public sealed class LedgerReconciliationTests
{
    private static readonly RecordingInfo Recording = new()
    {
        RecordingId = ByteString.CopyFrom(new byte[16]),
        VehicleId = "veh-1",
    };

    [Fact]
    public void What_the_vehicle_says_is_delivered_and_is_not_here_is_missing_and_named()
    {
        LedgerReport report = Reconcile(
            [Fact(1, isStored: true), Fact(3, isStored: false)],
            Ended(4), Chunks(1, 4, LedgerChunks.Types.End.Delivered, "", messages: 40));

        LedgerTopicReport topic = report.Topics.Single();
        // Only the sum of chunks 2 to 4 is known.
        Assert.Equal((10UL, 30UL, 40UL), (topic.Delivered, topic.MissingAtGateway, topic.Offered));
        Assert.Equal("missing_at_gateway", report.Disagreements.Single().Kind);
        Assert.Equal((1UL, 3UL), (report.Lanes.Single().DeliveredChunks, report.Lanes.Single().MissingAtGatewayChunks));
        Assert.False(report.IsComplete);
    }

    [Fact]
    public void What_was_stored_after_all_counts_as_delivered_and_only_the_rest_as_evicted()
    {
        LedgerReport report = Reconcile(
            [Fact(2, isStored: true)], Ended(3), Chunks(1, 3, LedgerChunks.Types.End.Evicted, "quota", messages: 30));

        LedgerTopicReport topic = report.Topics.Single();
        Assert.Equal((10UL, 20UL, 30UL), (topic.Delivered, topic.Evicted, topic.Offered));
        Assert.Equal(("evicted", "quota", 20UL), (topic.Reasons[0].End, topic.Reasons[0].Reason, topic.Reasons[0].Messages));
        Assert.Equal("delivered_after_all", report.Disagreements.Single().Kind);
        Assert.True(report.IsComplete);
    }

    [Fact]
    public void A_receipt_on_its_way_is_no_disagreement()
    {
        LedgerReport report = Reconcile([Fact(1, isStored: true), Fact(2, isStored: false)], Ended(2, accepted: 20));
        Assert.Equal((10UL, 10UL), (report.Topics.Single().Delivered, report.Topics.Single().Pending));
        Assert.Empty(report.Disagreements);
        Assert.True(report.IsComplete);
    }

    [Fact]
    public void Chunks_that_were_never_announced_are_shown_and_so_are_their_messages()
    {
        LedgerReport report = Reconcile([Fact(1, isStored: true)], Ended(3, accepted: 30));
        Assert.Equal((20UL, 2UL), (report.Topics.Single().Unannounced, report.Lanes.Single().UnannouncedChunks));
        Assert.False(report.IsComplete);
    }

    [Fact]
    public void A_chain_that_is_not_the_one_here_is_named()
    {
        LedgerChunks chunks = Chunks(1, 1, LedgerChunks.Types.End.Delivered, "", messages: 10);
        chunks.Sha256 = ByteString.CopyFrom([.. Enumerable.Repeat((byte)9, 32)]);
        LedgerReport report = Reconcile([Fact(1, isStored: true)], chunks);
        Assert.Equal("other_hash", report.Disagreements.Single().Kind);
    }

    [Fact]
    public void Of_two_words_on_a_chunk_the_first_counts_and_nothing_twice()
    {
        LedgerReport report = Reconcile(
            [], Chunks(1, 3, LedgerChunks.Types.End.Evicted, "quota", messages: 30),
            Chunks(2, 2, LedgerChunks.Types.End.Damaged, "unreadable", messages: 10),
            new LedgerChunks
            {
                Lane = "telemetry",
                FirstSequence = 1,
                LastSequence = 5,
                End = LedgerChunks.Types.End.Evicted,
                Reason = "unknown",
                UncountedChunks = 5,
            });

        LedgerTopicReport topic = report.Topics.Single();
        Assert.Equal((30UL, 0UL), (topic.Evicted, topic.Damaged));
        Assert.Equal((5UL, 0UL), (report.Lanes.Single().EvictedChunks, report.Lanes.Single().DamagedChunks));
        Assert.Contains(topic.Missing, static missing => missing is { Messages: 0, End: "evicted" });
    }

    [Fact]
    public void What_a_killed_run_announced_and_took_with_it_is_damaged_and_the_rest_unknown()
    {
        LedgerEntry gap = new()
        {
            Gap = new LedgerGap
            {
                Reason = "killed",
                Lanes = { new LedgerLaneGap { Lane = "telemetry", LastSequence = 1, LastLogTime = 1900 } },
            },
            Ended = new LedgerEnded { Lanes = { new LedgerLaneEnd { Lane = "telemetry", LastSequence = 1 } } },
        };
        LedgerReport report = Reconcile([Fact(1, isStored: true), Fact(2, isStored: false)], gap);
        LedgerTopicReport topic = report.Topics.Single();
        Assert.Equal((10UL, 10UL, 0UL), (topic.Delivered, topic.Damaged, topic.Pending));
        Assert.Equal([("unknown", 1901UL, 0UL), ("damaged", 2000UL, 2900UL)],
            topic.Missing.Select(static missing => (missing.End, missing.FirstLogTime, missing.LastLogTime)));
        Assert.False(report.IsComplete);
    }

    [Fact]
    public void What_was_accepted_and_is_nowhere_else_was_in_the_chunks_that_nobody_could_read()
    {
        LedgerChunks lost = new()
        {
            Lane = "telemetry",
            FirstSequence = 2,
            LastSequence = 3,
            End = LedgerChunks.Types.End.Damaged,
            Reason = "not_found",
            UncountedChunks = 2,
        };
        LedgerReport report = Reconcile([Fact(1, isStored: true)], Ended(3, accepted: 25), lost);

        LedgerTopicReport topic = report.Topics.Single();
        Assert.Equal((10UL, 15UL, 0UL, 25UL), (topic.Delivered, topic.Damaged, topic.Unannounced, topic.Offered));
        Assert.Equal(("damaged", "not_found", 15UL), (topic.Missing[0].End, topic.Missing[0].Reason, topic.Missing[0].Messages));
        Assert.True(report.IsComplete);
        Assert.False(Reconcile([Fact(1, isStored: true)], Ended(4, accepted: 25), lost).IsComplete);
    }

    [Fact]
    public void Drops_less_than_a_second_apart_are_one_stretch()
    {
        LedgerEntry drops = new();
        foreach (ulong second in (ulong[])[0, 1, 2, 10])
        {
            drops.Drops.Add(new LedgerDrops
            {
                ChannelId = 1,
                Messages = 5,
                Reason = "memory_full",
                FirstLogTime = (second * 1_000_000_000) + 1,
                SpanNs = 900_000_000,
            });
        }

        LedgerTopicReport topic = Reconcile([], drops).Topics.Single();
        Assert.Equal([15UL, 5UL], topic.Missing.Select(static missing => missing.Messages));
        Assert.Equal(20UL, topic.Dropped);
    }

    private static LedgerReport Reconcile(LedgerChunkFact[] facts, params object[] told)
    {
        List<LedgerEntry> entries =
        [
            new()
            {
                Began = new LedgerBegan { Recording = Recording, Part = 1 },
                Channels = { new LedgerChannel { ChannelId = 1, Topic = "/imu", Lane = "telemetry" } },
            },
        ];
        foreach (object each in told)
        {
            entries.Add(each as LedgerEntry ?? (each is LedgerEnded ended
                ? new LedgerEntry { Ended = ended }
                : new LedgerEntry { Chunks = { (LedgerChunks)each } }));
        }

        // The end is told last.
        entries = [.. entries.OrderBy(static entry => entry.Ended is not null)];
        return LedgerReconciliation.Reconcile(new LedgerSources
        {
            Recording = Recording,
            IsAtGateway = true,
            Entries = entries,
            Chunks = facts,
        });
    }

    private static LedgerEnded Ended(ulong lastSequence, ulong accepted = 0)
    {
        LedgerEnded ended = new()
        {
            Orderly = true,
            Lanes = { new LedgerLaneEnd { Lane = "telemetry", LastSequence = lastSequence } },
        };
        if (accepted > 0)
            ended.Accepted.Add(new LedgerCount { ChannelId = 1, Messages = accepted });
        return ended;
    }

    private static LedgerChunks Chunks(
        ulong first, ulong last, LedgerChunks.Types.End end, string reason, ulong messages) => new()
        {
            Lane = "telemetry",
            FirstSequence = first,
            LastSequence = last,
            End = end,
            Reason = reason,
            FirstLogTime = first * 1000,
            SpanNs = ((last - first) * 1000) + 900,
            Counts = { new LedgerCount { ChannelId = 1, Messages = messages } },
        };

    private static LedgerChunkFact Fact(ulong sequence, bool isStored) => new(
        "telemetry", sequence, isStored, sequence * 1000, (sequence * 1000) + 900,
        ByteString.CopyFrom([.. Enumerable.Repeat((byte)sequence, 32)]),
        [new ChunkChannel { ChannelId = 1, Messages = 10 }]);
}
