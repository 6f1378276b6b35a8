using System.Buffers;
using System.Security.Cryptography;
using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Spool;
using AvSdk.Tests.Recording.Fakes;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Tests.Recording;

/// <summary>The file of a ledger: its bytes, its chain, and what is left of it after whatever happens to it.</summary>
public sealed class LedgerFileTests
{
    private static readonly Guid Id = new("01020304-0506-0708-090a-0b0c0d0e0f10");
    private readonly ManualTime _time = new();

    private static string Name => LedgerFile.FileName(Id);

    [Fact]
    public void An_entry_and_its_frame_are_these_bytes()
    {
        LedgerEntry entry = new()
        {
            Index = 1,
            At = 2,
            PreviousSha256 = LedgerChain.Zero,
            Began = new LedgerBegan { Recording = Info(), Part = 1 },
        };
        entry.Began.Recording.VehicleId = "v";
        byte[] bytes = entry.ToByteArray();
        ArrayBufferWriter<byte> frame = new();
        LedgerFraming.Write(bytes, frame);

        Assert.Equal(
            "08011102000000000000001a20000000000000000000000000000000000000000000000000000000000000000022190a150a1001"
            + "02030405060708090a0b0c0d0e0f101201761001",
            Convert.ToHexStringLower(bytes));
        Assert.Equal("48000000abd0bc51", Convert.ToHexStringLower(frame.WrittenSpan[..8]));
        Assert.Equal(
            "ca329822b32f6a35c42d7a9d509a9096d5d74f7ef7faaa45ec36bcb4faa31052",
            Convert.ToHexStringLower(LedgerChain.Hash(bytes).Span));
    }

    [Fact]
    public void Each_entry_holds_the_hash_of_the_one_before()
    {
        LedgerScan scan = LedgerScan.Run(Sample(new MemoryFiles()));
        Assert.Null(scan.Damage);
        Assert.Equal(6, scan.Entries.Count);
        Assert.Equal([1UL, 2UL, 3UL, 4UL, 5UL, 6UL], scan.Entries.Select(each => each.Entry.Index));
        Assert.Equal(new Dictionary<(uint, string), ulong> { [(1, "memory_full")] = 12 }, Drops(scan));
    }

    [Fact]
    public void Cut_at_any_byte_it_keeps_every_whole_entry_and_goes_on()
    {
        byte[] whole = Sample(new MemoryFiles());
        LedgerScan all = LedgerScan.Run(whole);
        for (int length = 0; length < whole.Length; length++)
        {
            MemoryFiles files = new();
            files.Write(Name, whole.AsSpan(0, length));
            int expected = all.Entries.Count(each => each.Offset + each.Bytes <= length);
            using (SpoolLedger ledger = Open(files))
            {
                Assert.False(ledger.WasDamaged);
                Drop(ledger, 1, "later", 1);
                if (expected == 0)
                    ledger.Note((tally, _) => tally.Began = new LedgerBegan { Recording = Info(), Part = 1 });
                Assert.True(ledger.TryWrite(LedgerDue.All));
            }

            LedgerScan after = LedgerScan.Run(files.Read(Name));
            Assert.Equal((null, 0, expected + 1), (after.Damage, after.RestBytes, after.Entries.Count));
            Assert.Equal([Name], files.Names);
        }
    }

    [Fact]
    public void A_flipped_bit_never_goes_unseen_and_the_ledger_goes_on_and_says_so()
    {
        byte[] whole = Sample(new MemoryFiles());
        LedgerScan all = LedgerScan.Run(whole);
        int lastOffset = all.Entries[^1].Offset;
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            LedgerScan scan = LedgerScan.Run(flipped);
            Assert.True(scan.Entries.Count < all.Entries.Count);
            Assert.Equal(
                all.Entries.Take(scan.Entries.Count).Select(each => each.Entry), scan.Entries.Select(each => each.Entry));
            Assert.NotEmpty(LedgerVerification.Verify(flipped, null).Problems);
            // In the last frame it cannot be told from a torn one.
            if (bit / 8 < lastOffset)
                Assert.NotNull(scan.Damage);
            if (bit % 61 != 0 || scan.Damage is null)
                continue;
            MemoryFiles files = new();
            files.Write(Name, flipped);
            using SpoolLedger ledger = Open(files);
            Assert.True(ledger.WasDamaged);
            if (scan.Entries.Count == 0)
                continue;
            Drop(ledger, 1, "later", 1);
            Assert.True(ledger.TryWrite(LedgerDue.All));
            LedgerScan after = LedgerScan.Run(files.Read(Name));
            Assert.Null(after.Damage);
            Assert.Equal((2U, "damaged"), (after.Chain.Part, after.Entries[scan.Entries.Count].Entry.Began.Reason));
            Assert.Equal(flipped, files.Read($"{Id:D}-1.ledger.damaged"));
        }
    }

    [Fact]
    public void An_entry_that_was_taken_out_or_changed_with_its_checksum_breaks_the_chain()
    {
        LedgerScan all = LedgerScan.Run(Sample(new MemoryFiles()));
        byte[][] entries = [.. all.Entries.Select(each => each.Entry.ToByteArray())];
        Assert.NotNull(LedgerScan.Run(Frame([.. entries[..2], .. entries[3..]])).Damage);
        LedgerEntry changed = LedgerEntry.Parser.ParseFrom(entries[2]);
        changed.Drops[0].Messages--;
        LedgerScan scan = LedgerScan.Run(Frame([.. entries[..2], changed.ToByteArray(), .. entries[3..]]));
        Assert.NotNull(scan.Damage);
        Assert.Equal(3, scan.Entries.Count);
        Assert.Null(LedgerScan.Run(Frame(entries)).Damage);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void While_the_disk_refuses_nothing_is_lost_and_it_is_written_when_it_takes_again(bool onFlush)
    {
        MemoryFiles files = new();
        using SpoolLedger ledger = Begin(files);
        ledger.TryWrite(LedgerDue.All);
        void Fail(string _) => throw new IOException("EIO");
        (files.BeforeFlush, files.BeforeAppend) = (onFlush ? Fail : null, onFlush ? null : Fail);
        files.ShortWriteBytes = 7;
        for (uint round = 1; round <= 10; round++)
        {
            Drop(ledger, 1, "memory_full", round);
            ledger.NoteEnd("telemetry", round, ChunkEnd.Evicted, "quota", Header(round));
            Assert.False(ledger.TryWrite(LedgerDue.All));
        }

        (files.BeforeFlush, files.BeforeAppend) = (null, null);
        Assert.True(ledger.TryWrite(LedgerDue.All));
        LedgerScan scan = LedgerScan.Run(files.CopyDurable().Read(Name));
        Assert.Equal((null, 2), (scan.Damage, scan.Entries.Count));
        Assert.Equal(55UL, Drops(scan)[(1, "memory_full")]);
        LedgerChunks chunks = Assert.Single(scan.Entries[1].Entry.Chunks);
        Assert.Equal((1UL, 10UL, 30UL), (chunks.FirstSequence, chunks.LastSequence, chunks.Counts.Single().Messages));
    }

    [Fact]
    public void What_an_earlier_run_could_not_flush_is_durable_before_a_gateway_is_told_of_it()
    {
        MemoryFiles files = new();
        LeaveUnflushed(files);
        using SpoolLedger ledger = Open(files);

        TellLedger told = Tell(ledger)!;

        Assert.Equal(2, told.Entries.Count);
        // The power goes: what the gateway has, the next run has.
        LedgerScan left = LedgerScan.Run(files.CopyDurable().Read(Name));
        Assert.Equal(told.Entries, left.Entries.Select(each => each.Entry.ToByteString()));
    }

    [Fact]
    public void What_an_earlier_run_could_not_flush_is_not_told_while_the_disk_refuses()
    {
        MemoryFiles files = new();
        LeaveUnflushed(files);
        using SpoolLedger ledger = Open(files);
        files.BeforeFlush = static _ => throw new IOException("EIO");

        Assert.Null(Tell(ledger));
        Assert.False(ledger.TryWrite(LedgerDue.Tick));
        Assert.False(ledger.HasToTell);
        files.BeforeFlush = null;
        Assert.True(ledger.TryWrite(LedgerDue.Tick));

        Assert.True(ledger.HasToTell);
        Assert.Equal(2, ledger.NextPage()!.Entries.Count);
    }

    [Fact]
    public void What_an_earlier_run_left_and_the_gateway_has_is_not_written_again()
    {
        MemoryFiles files = new();
        LedgerScan whole = LedgerScan.Run(Sample(files));
        int flushes = files.Flushes;
        using SpoolLedger ledger = Open(files);
        ledger.BeginSession();
        Assert.Empty(ledger.NextPage()!.Entries);
        ledger.OnNoted(new LedgerNoted { Part = 1, ThroughIndex = whole.Chain.Index, HeadSha256 = whole.Chain.Head });

        Assert.True(ledger.IsTold);
        Assert.Equal(flushes, files.Flushes);
    }

    [Fact]
    public void A_signature_stands_for_all_before_it_and_only_with_its_key()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa publicKey = ECDsa.Create();
        publicKey.ImportFromPem(key.ExportSubjectPublicKeyInfoPem());
        MemoryFiles files = new();
        byte[] signed = Sample(files, key);

        LedgerVerdict good = LedgerVerification.Verify(signed, publicKey);
        Assert.Empty(good.Problems);
        Assert.Equal((Id, "veh-042", 1), (good.RecordingId, good.VehicleId, good.Parts));
        Assert.Equal(good.Entries - 1, good.SignedEntries);
        Assert.Contains(
            "signed by another key", LedgerVerification.Verify(signed, other).Problems[0], StringComparison.Ordinal);
        Assert.Equal(
            ["No signature of this key is in it."],
            LedgerVerification.Verify(Sample(new MemoryFiles()), publicKey).Problems);

        // The last entry is the signature: with its bytes changed and everything else in order it is not good.
        LedgerScan scan = LedgerScan.Run(signed);
        LedgerEntry forged = scan.Entries[^1].Entry.Clone();
        byte[] bytes = forged.Signature.Signature.ToByteArray();
        bytes[5] ^= 1;
        forged.Signature.Signature = ByteString.CopyFrom(bytes);
        byte[][] entries = [.. scan.Entries.SkipLast(1).Select(each => each.Entry.ToByteArray()), forged.ToByteArray()];
        Assert.Contains(
            "not good", string.Join(' ', LedgerVerification.Verify(Frame(entries), publicKey).Problems),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_over_its_budget_is_written_once_a_minute_and_stays_exact()
    {
        MemoryFiles files = new();
        using SpoolLedger ledger = Begin(files);
        ulong dropped = 0;
        for (int second = 0; second < 7200; second++)
        {
            for (uint channel = 1; channel <= 20; channel++)
                Drop(ledger, channel, "spool_full", channel);
            dropped += 210;
            _time.Advance(TimeSpan.FromSeconds(1));
            ledger.TryWrite(LedgerDue.Tick);
        }

        ledger.TryWrite(LedgerDue.All);
        LedgerScan scan = LedgerScan.Run(files.Read(Name));
        Assert.Equal(dropped, Drops(scan).Values.Aggregate(0UL, (sum, messages) => sum + messages));
        Assert.InRange(files.Read(Name).Length, 64 << 10, (64 << 10) + (120 * 1024));
    }

    private static RecordingInfo Info() => new() { RecordingId = RecordingIds.ToBytes(Id), VehicleId = "veh-042" };

    private static ChunkHeader Header(ulong sequence) => new()
    {
        FirstLogTime = 1000 * sequence,
        LastLogTime = (1000 * sequence) + 900,
        BodyBytes = 100,
        Sha256 = ByteString.CopyFrom(SHA256.HashData(BitConverter.GetBytes(sequence))),
        Channels = { new ChunkChannel { ChannelId = 1, Messages = 3 } },
    };

    private static void Drop(SpoolLedger ledger, uint channel, string reason, ulong messages) =>
        ledger.Note((tally, _) => tally.AddDrop(channel, reason, new DropTally(messages, 5, 6)));

    private static Dictionary<(uint, string), ulong> Drops(LedgerScan scan) => scan.Entries
        .SelectMany(each => each.Entry.Drops).GroupBy(drop => (drop.ChannelId, drop.Reason))
        .ToDictionary(group => group.Key, group => group.Aggregate(0UL, (sum, drop) => sum + drop.Messages));

    // Asks a gateway that has nothing, and then tells it.
    private static TellLedger? Tell(SpoolLedger ledger)
    {
        ledger.BeginSession();
        Assert.Empty(ledger.NextPage()!.Entries);
        ledger.OnNoted(new LedgerNoted());
        return ledger.NextPage();
    }

    private static byte[] Frame(IEnumerable<byte[]> entries)
    {
        ArrayBufferWriter<byte> file = new();
        file.Write(LedgerFraming.Magic);
        foreach (byte[] entry in entries)
            LedgerFraming.Write(entry, file);
        return file.WrittenSpan.ToArray();
    }

    private byte[] Sample(MemoryFiles files, ECDsa? key = null)
    {
        using SpoolLedger ledger = Begin(files, key);
        for (uint round = 0; round < 6; round++)
        {
            if (round > 0)
                ledger.NoteEnd("telemetry", round, ChunkEnd.Delivered, "", Header(round));
            Drop(ledger, 1, "memory_full", 2);
            Assert.True(ledger.TryWrite(round == 5 ? LedgerDue.All : LedgerDue.Losses));
        }

        return files.Read(Name);
    }

    // Two entries, of which the second is in the page cache only.
    private void LeaveUnflushed(MemoryFiles files)
    {
        using SpoolLedger ledger = Begin(files);
        Assert.True(ledger.TryWrite(LedgerDue.All));
        Drop(ledger, 1, "memory_full", 1);
        files.BeforeFlush = static _ => throw new IOException("EIO");
        Assert.False(ledger.TryWrite(LedgerDue.Losses));
        files.BeforeFlush = null;
        Assert.Single(LedgerScan.Run(files.CopyDurable().Read(Name)).Entries);
    }

    private LedgerPorts Ports(MemoryFiles files, ECDsa? key = null) =>
        new() { Files = files, Time = _time, Log = NullLogger.Instance, Key = key };

    private SpoolLedger Begin(MemoryFiles files, ECDsa? key = null) =>
        SpoolLedger.Begin(Ports(files, key), new SpoolRecording(Id, Info()), static _ => { });

    private SpoolLedger Open(MemoryFiles files) => SpoolLedger.Open(Ports(files), new SpoolRecording(Id, Info()));
}
