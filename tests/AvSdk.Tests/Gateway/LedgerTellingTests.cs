using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Spool;
using AvSdk.Tests.Recording.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Tests.Gateway;

/// <summary>A vehicle's ledger and a gateway's index, message by message, without what is between them.</summary>
public sealed class LedgerTellingTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly SampleRecording _drive = new();
    private readonly ManualTime _time = new();
    private SqliteChunkIndex _index = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _index = new SqliteChunkIndex(_folder.At("index.db"));
        await _index.OpenAsync(Ct);
        Define define = _drive.Define().Define;
        await _index.DefineAsync(define.Recording, define.Schemas, define.Channels, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _index.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Everything_durable_is_told_once_and_after_an_index_was_lost_again()
    {
        MemoryFiles files = new();
        using SpoolLedger ledger = Begin(files);
        Drop(ledger, 3);
        Assert.Equal(2, await TellAsync(ledger));
        Assert.True(ledger.IsTold);
        Drop(ledger, 4);
        Assert.False(ledger.IsTold);
        Assert.Equal(1, await TellAsync(ledger));

        await _index.DisposeAsync();
        File.Delete(_folder.At("index.db"));
        await InitializeAsync();
        ledger.BeginSession();
        Assert.Equal(2, await TellAsync(ledger));
        Assert.Equal(7UL, await DroppedAsync());
    }

    [Fact]
    public async Task A_damaged_ledger_goes_on_in_a_part_that_the_gateway_takes()
    {
        MemoryFiles files = new();
        using (SpoolLedger ledger = Begin(files))
        {
            for (ulong messages = 1; messages <= 4; messages++)
                Drop(ledger, messages);
            await TellAsync(ledger);
        }

        byte[] bytes = files.Read(LedgerFile.FileName(_drive.Id));
        bytes[LedgerScan.Run(bytes).Entries[2].Offset + 20] ^= 4;
        files.Write(LedgerFile.FileName(_drive.Id), bytes);
        using SpoolLedger again = Open(files);
        Drop(again, 100);
        await TellAsync(again);

        LedgerReport report = LedgerReconciliation.Reconcile((await _index.ReadLedgerAsync(_drive.Id, Ct))!);
        Assert.Equal([("", ""), ("damaged", "")], report.Parts.Select(static part => (part.Reason, part.Refused)));
        Assert.Equal(110UL, await DroppedAsync());
        Assert.True(again.IsTold);
    }

    [Fact]
    public async Task What_the_gateway_knows_and_the_disk_lost_is_not_lost_and_the_ledger_goes_on()
    {
        MemoryFiles files = new();
        MemoryFiles before;
        using (SpoolLedger ledger = Begin(files))
        {
            Drop(ledger, 1);
            before = files.Copy();
            Drop(ledger, 2);
            Drop(ledger, 4);
            await TellAsync(ledger);
        }

        using SpoolLedger again = Open(before);
        await TellAsync(again);
        Drop(again, 8);
        await TellAsync(again);

        LedgerReport report = LedgerReconciliation.Reconcile((await _index.ReadLedgerAsync(_drive.Id, Ct))!);
        Assert.Equal([("", ""), ("tail_lost", "")], report.Parts.Select(static part => (part.Reason, part.Refused)));
        Assert.Equal(15UL, await DroppedAsync());
    }

    [Fact]
    public async Task Two_spools_that_write_one_ledger_are_found_out()
    {
        MemoryFiles files = new();
        using SpoolLedger ledger = Begin(files);
        Drop(ledger, 1);
        MemoryFiles copy = files.Copy();
        Drop(ledger, 2);
        await TellAsync(ledger);

        using SpoolLedger other = Open(copy);
        Drop(other, 100);
        Drop(other, 200);
        await TellAsync(other);
        Assert.False(other.IsTold);
        Assert.True(other.IsToldOrRefused);
        Drop(ledger, 4);
        await TellAsync(ledger);

        LedgerReport report = LedgerReconciliation.Reconcile((await _index.ReadLedgerAsync(_drive.Id, Ct))!);
        Assert.Contains("another content", report.Parts.Single().Refused, StringComparison.Ordinal);
        Assert.Equal(7UL, await DroppedAsync());
    }

    [Fact]
    public void A_message_of_a_ledger_is_checked_before_it_is_taken()
    {
        IngestSession session = new(new IngestLimits(), "gw/1");
        session.Receive(new UploadRequest { Open = new Open { Protocol = 1, VehicleId = "veh-1" } });
        Assert.IsType<IngestAction.Refuse>(session.Receive(new UploadRequest { Ledger = new TellLedger() }));
        TellLedger large = new() { RecordingId = _drive.Info.RecordingId };
        large.Entries.Add(Google.Protobuf.ByteString.CopyFrom(new byte[(1 << 20) + 1]));
        Assert.IsType<IngestAction.Refuse>(session.Receive(new UploadRequest { Ledger = large }));
        Assert.IsType<IngestAction.Ledger>(session.Receive(
            new UploadRequest { Ledger = new SampleLedger(_drive).Tell(1, 1) }));
    }

    private LedgerPorts Ports(MemoryFiles files) => new() { Files = files, Time = _time, Log = NullLogger.Instance };

    private SpoolLedger Begin(MemoryFiles files) =>
        SpoolLedger.Begin(Ports(files), new SpoolRecording(_drive.Id, _drive.Info), static _ => { });

    private SpoolLedger Open(MemoryFiles files) =>
        SpoolLedger.Open(Ports(files), new SpoolRecording(_drive.Id, _drive.Info));

    private static void Drop(SpoolLedger ledger, ulong messages)
    {
        ledger.Note((tally, _) => tally.AddDrop(1, "memory_full", new DropTally(messages, 5, 6)));
        Assert.True(ledger.TryWrite(LedgerDue.All));
    }

    // Returns the messages that it took; the first of a session asks.
    private async Task<int> TellAsync(SpoolLedger ledger)
    {
        int messages = 0;
        while (ledger.NextPage() is { } page)
        {
            ledger.OnNoted(await _index.NoteLedgerAsync(page, Ct));
            Assert.InRange(++messages, 1, 10);
        }

        return messages;
    }

    private async Task<ulong> DroppedAsync()
    {
        LedgerReport report = LedgerReconciliation.Reconcile((await _index.ReadLedgerAsync(_drive.Id, Ct))!);
        return report.Topics.Single(static topic => topic.Topic == "/imu").Dropped;
    }
}
