using AvSdk.Recording;
using AvSdk.Recording.Inspection;
using AvSdk.Recording.Ledger;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class LedgerInspectionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bit_that_is_wrong_in_a_ledger_is_damage_and_repair_puts_the_file_aside()
    {
        Bench recorded = await RecordedAsync();
        string name = LedgerName(recorded.Files);
        byte[] whole = recorded.Files.Read(name);
        Assert.True(SpoolInspection.Check(recorded.Files, Ct).IsGood);
        LedgerScan entries = LedgerScan.Run(whole);
        Assert.True(entries.Entries.Count > 2);
        for (int at = 0; at < entries.Entries[^1].Offset; at += 7)
        {
            Bench bench = new() { Files = recorded.Files.Copy() };
            byte[] bytes = [.. whole];
            bytes[at] ^= 0x10;
            bench.Files.Write(name, bytes);
            SpoolCheckReport report = SpoolInspection.Check(bench.Files, Ct);
            Assert.Contains(report.Findings, finding => finding.IsDamage && finding.File == name);

            SpoolRepairReport repaired = SpoolInspection.Repair(bench.Files, bench.Time, Ct);
            Assert.Equal(1, repaired.FilesPutAside);
            string aside = bench.Files.Names.Single(file => file.EndsWith(".ledger.damaged", StringComparison.Ordinal));
            Assert.Equal(bytes, bench.Files.Read(aside));
            Assert.True(SpoolInspection.Check(bench.Files, Ct).IsGood, $"a bit at {at}");
            // What was whole stays, and says that it is not all.
            LedgerScan kept = LedgerScan.Run(bench.Files.Read(name));
            int before = entries.Entries.TakeWhile(entry => entry.Offset + entry.Bytes <= at).Count();
            Assert.Equal(before == 0 ? 0 : before + 1, kept.Entries.Count);
            if (before > 0)
                Assert.Equal(("damaged", 2U), (kept.Entries[^1].Entry.Began.Reason, kept.Chain.Part));
            Assert.Empty(SpoolInspection.Repair(bench.Files, bench.Time, Ct).Actions);
        }
    }

    [Fact]
    public async Task A_torn_end_of_a_ledger_is_a_note()
    {
        Bench bench = await RecordedAsync();
        string name = LedgerName(bench.Files);
        bench.Files.Write(name, bench.Files.Read(name).AsSpan()[..^3]);
        SpoolCheckReport report = SpoolInspection.Check(bench.Files, Ct);
        Assert.True(report.IsGood);
        Assert.Contains(report.Findings, finding => finding.File == name);
    }

    private static string LedgerName(MemoryFiles files) =>
        files.Names.Single(name => name.EndsWith(".ledger", StringComparison.Ordinal));

    // A ledger of several entries.
    private static async Task<Bench> RecordedAsync()
    {
        Bench bench = new();
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
            for (uint round = 0; round < 3; round++)
            {
                RecordingToSpoolTests.WriteMany(channel, 1 + (round * 10), 10, 1000);
                channel.CountLost(round + 1, "sensor");
                await recorder.FlushAsync(Ct);
            }
        }

        return bench;
    }
}
