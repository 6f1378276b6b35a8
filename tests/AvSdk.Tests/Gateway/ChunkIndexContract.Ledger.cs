using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Tests.Gateway;

public abstract partial class ChunkIndexContract
{
    [Fact]
    public async Task A_ledger_is_taken_in_order_once_and_tells_how_far_it_goes()
    {
        Assert.Equal((0U, 0UL), Place(await _index.NoteLedgerAsync(Question(), Ct)));
        SampleLedger ledger = new(_drive);
        ledger.Add(new LedgerEntry { Drops = { new LedgerDrops { ChannelId = 1, Messages = 2, Reason = "memory_full" } } });
        ledger.Add(new LedgerEntry { Ended = new LedgerEnded { Orderly = true } });

        Assert.Equal((1U, 2UL), Place(await _index.NoteLedgerAsync(ledger.Tell(1, 2), Ct)));
        LedgerNoted whole = await _index.NoteLedgerAsync(ledger.Tell(1, 3), Ct);
        LedgerNoted again = await _index.NoteLedgerAsync(ledger.Tell(2, 3), Ct);

        Assert.Equal((1U, 3UL), Place(whole));
        Assert.Equal(ledger.Head, whole.HeadSha256);
        Assert.Equal(whole, again);
        Assert.Equal(whole, await _index.NoteLedgerAsync(Question(), Ct));
        LedgerSources sources = (await _index.ReadLedgerAsync(_drive.Id, Ct))!;
        Assert.Equal(ledger.Entries, sources.Entries);
        Assert.Equal((1U, 3UL, ""), (sources.Parts[0].Part, sources.Parts[0].Entries, sources.Parts[0].Refused));
    }

    [Fact]
    public async Task A_ledger_with_a_gap_a_fork_or_another_name_is_refused_and_what_was_taken_stays()
    {
        SampleLedger ledger = new(_drive);
        ledger.Add(new LedgerEntry { Drops = { new LedgerDrops { ChannelId = 1, Messages = 2, Reason = "memory_full" } } });
        ledger.Add(new LedgerEntry { Ended = new LedgerEnded { Orderly = true } });
        SampleLedger fork = new(_drive);
        fork.Add(new LedgerEntry { Drops = { new LedgerDrops { ChannelId = 1, Messages = 9, Reason = "memory_full" } } });

        Assert.NotEmpty((await _index.NoteLedgerAsync(ledger.Tell(2, 2), Ct)).Refused);
        await _index.NoteLedgerAsync(ledger.Tell(1, 1), Ct);
        Assert.NotEmpty((await _index.NoteLedgerAsync(ledger.Tell(3, 3), Ct)).Refused);
        await _index.NoteLedgerAsync(ledger.Tell(2, 3), Ct);
        LedgerNoted forked = await _index.NoteLedgerAsync(fork.Tell(2, 2), Ct);
        Assert.Contains("another content", forked.Refused, StringComparison.Ordinal);
        Assert.Equal((1U, 3UL), Place(forked));
        TellLedger stranger = new SampleLedger(_other).Tell(1, 1);
        stranger.RecordingId = _drive.Info.RecordingId;
        stranger.Part = 2;
        Assert.NotEmpty((await _index.NoteLedgerAsync(stranger, Ct)).Refused);
        TellLedger garbage = ledger.Tell(3, 3);
        garbage.FirstIndex = 4;
        garbage.Entries[0] = ByteString.CopyFromUtf8("no entry");
        Assert.NotEmpty((await _index.NoteLedgerAsync(garbage, Ct)).Refused);

        LedgerSources sources = (await _index.ReadLedgerAsync(_drive.Id, Ct))!;
        Assert.Equal(ledger.Entries, sources.Entries);
        Assert.NotEmpty(sources.Parts.Single().Refused);
        Assert.False(LedgerReconciliation.Reconcile(sources).IsComplete);
    }

    [Fact]
    public async Task Another_part_follows_an_entry_that_is_here()
    {
        SampleLedger ledger = new(_drive);
        ledger.Add(new LedgerEntry { Drops = { new LedgerDrops { ChannelId = 1, Messages = 2, Reason = "memory_full" } } });
        await _index.NoteLedgerAsync(ledger.Tell(1, 2), Ct);
        SampleLedger wild = new(_drive, part: 2, previous: ByteString.CopyFrom(new byte[31]).Concat32());
        Assert.NotEmpty((await _index.NoteLedgerAsync(wild.Tell(1, 1), Ct)).Refused);
        SampleLedger second = new(_drive, part: 2, previous: ledger.Head);

        Assert.Equal((2U, 1UL), Place(await _index.NoteLedgerAsync(second.Tell(1, 1), Ct)));
        Assert.Equal([1U, 2U], (await _index.ReadLedgerAsync(_drive.Id, Ct))!.Parts.Select(part => part.Part));
    }

    [Fact]
    public async Task The_report_of_a_recording_has_its_chunks_whether_there_is_a_ledger_or_not()
    {
        SampleChunk stored = _drive.Chunk((_drive.Imu, 0), (_drive.Gnss, 1));
        SampleChunk announced = _drive.Chunk((_drive.Imu, 2), (_drive.Imu, 3));
        await _index.AnnounceAsync([stored.Header, announced.Header], Ct);
        await StoreAsync(stored);
        RecordingEnd end = _drive.End().End.End_;
        end.Losses.Add(new TopicLoss { Topic = "/gnss", Messages = 4, Reason = "source" });
        await _index.EndAsync(end, Ct);

        LedgerReport report = LedgerReconciliation.Reconcile((await _index.ReadLedgerAsync(_drive.Id, Ct))!);
        Assert.Equal(LedgerReport.Types.Presence.Absent, report.Presence);
        LedgerTopicReport imu = report.Topics.Single(topic => topic.Topic == "/imu");
        Assert.Equal((1UL, 2UL, 3UL), (imu.Delivered, imu.Pending, imu.Offered));
        Assert.Equal(4UL, report.Topics.Single(topic => topic.Topic == "/gnss").Dropped);
        Assert.Null(await _index.ReadLedgerAsync(Guid.CreateVersion7(), Ct));
    }

    private TellLedger Question() => new() { RecordingId = _drive.Info.RecordingId };

    private static (uint, ulong) Place(LedgerNoted noted) => (noted.Part, noted.ThroughIndex);
}
