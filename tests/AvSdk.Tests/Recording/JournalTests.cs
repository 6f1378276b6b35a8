using System.Buffers;
using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Recording.Spool;
using AvSdk.Tests.Recording.Fakes;
using Google.Protobuf;

namespace AvSdk.Tests.Recording;

public sealed class JournalTests
{
    private static readonly Guid Id = Guid.Parse("0193a5c0-0000-7000-8000-000000000001");
    private readonly ManualTime _time = new();

    [Fact]
    public void What_was_appended_is_there_after_reopening()
    {
        MemoryFiles files = new();
        using (SpoolJournal journal = SpoolJournal.Open(files, _time))
            Fill(journal);

        for (int run = 0; run < 2; run++)
        {
            using SpoolJournal again = SpoolJournal.Open(files, _time);
            again.Read(state =>
            {
                JournalState.RecordingState recording = state.Recordings[Id];
                Assert.Equal(ChunkEnd.Delivered, recording.EndOf("telemetry", 3));
                Assert.Equal(ChunkEnd.Damaged, recording.EndOf("telemetry", 4));
                Assert.Equal((ChunkEnd.Evicted, "age"), recording.Find("sensors", 1));
                Assert.Equal(ChunkEnd.Pending, recording.EndOf("telemetry", 5));
                Assert.Equal("veh-042", recording.Info!.VehicleId);
                Assert.True(recording.End!.Orderly);
                Assert.Equal(7UL, state.Positions.Single().Value.Messages);
                return 0;
            });
        }
    }

    [Fact]
    public void A_tail_torn_at_any_byte_keeps_every_whole_record()
    {
        MemoryFiles files = new();
        List<int> ends = [];
        using (SpoolJournal journal = SpoolJournal.Open(files, _time))
        {
            for (ulong sequence = 1; sequence <= 5; sequence++)
            {
                ends.Add(files.Read("journal").Length);
                journal.Append(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Delivered, sequence, sequence));
            }
        }

        byte[] all = files.Read("journal");
        for (int length = 0; length <= all.Length; length++)
        {
            MemoryFiles torn = new();
            torn.Write("journal", all.AsSpan(0, length));
            using SpoolJournal journal = SpoolJournal.Open(torn, _time);
            ulong expected = (ulong)(ends.Count(end => end <= length) - 1) + (length == all.Length ? 1UL : 0);
            expected = length < ends[0] ? 0 : expected;
            ulong last = journal.Read(state =>
                state.Recordings.GetValueOrDefault(Id)?.Ranges("telemetry", ChunkEnd.Delivered).Last ?? 0);
            Assert.Equal(expected, last);
            Assert.False(journal.WasDamaged);
        }
    }

    [Fact]
    public void A_journal_damaged_before_its_end_is_put_aside_and_what_stood_before_is_kept()
    {
        MemoryFiles files = new();
        int second;
        using (SpoolJournal journal = SpoolJournal.Open(files, _time))
        {
            journal.Append(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Delivered, 1, 1));
            second = files.Read("journal").Length;
            journal.Append(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Delivered, 2, 2));
            journal.Append(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Delivered, 3, 3));
        }

        byte[] bytes = files.Read("journal");
        bytes[second + 12] ^= 0x10;
        files.Write("journal", bytes);
        using SpoolJournal again = SpoolJournal.Open(files, _time);
        Assert.True(again.WasDamaged);
        Assert.Equal(bytes, files.Read("journal.damaged"));
        Assert.Equal(1UL, again.Read(state => state.Recordings[Id].Ranges("telemetry", ChunkEnd.Delivered).Last));
    }

    [Fact]
    public void A_start_that_ends_at_any_flush_loses_nothing_of_what_stood_before_the_damage()
    {
        for (int flushes = 0; flushes < 3; flushes++)
        {
            MemoryFiles files = new();
            int second;
            using (SpoolJournal journal = SpoolJournal.Open(files, _time))
            {
                journal.Append(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Delivered, 1, 1));
                second = files.Read("journal").Length;
                journal.Append(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Delivered, 2, 2));
                journal.Append(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Delivered, 3, 3));
            }

            byte[] bytes = files.Read("journal");
            bytes[second + 12] ^= 0x10;
            files.Write("journal", bytes);
            // The power goes at this flush: what was not flushed before is gone.
            MemoryFiles? cut = null;
            int left = flushes;
            files.BeforeFlush = _ => cut ??= left-- == 0 ? files.CopyDurable() : null;
            SpoolJournal.Open(files, _time).Dispose();
            using SpoolJournal again = SpoolJournal.Open(cut ?? files.CopyDurable(), _time);
            Assert.Equal(1UL, again.Read(state => state.Recordings[Id].Ranges("telemetry", ChunkEnd.Delivered).Last));
        }
    }

    [Fact]
    public async Task A_damaged_journal_never_stops_recording()
    {
        Bench bench = new();
        bench.Files.Write("journal", Bench.Payload(1, 1000));
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 3, 100);
        await recorder.FlushAsync(TestContext.Current.CancellationToken);

        Assert.Equal(3, bench.ReadAll().Count);
        Assert.Contains("journal.damaged", bench.Files.Names);
    }

    [Fact]
    public void A_disk_that_refuses_the_journal_for_a_while_loses_nothing_of_it()
    {
        MemoryFiles files = new();
        bool fails = false;
        files.BeforeAppend = _ =>
        {
            if (fails)
                throw new IOException("EIO");
        };
        using (SpoolJournal journal = SpoolJournal.Open(files, _time))
        {
            fails = true;
            journal.Append(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Delivered, 1, 1));
            Assert.Equal("EIO", journal.LastError!.Message);
            fails = false;
            journal.Append(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Delivered, 2, 2));
        }

        using SpoolJournal again = SpoolJournal.Open(files, _time);
        Assert.Equal(
            [(1UL, 2UL)], again.Read(state => state.Recordings[Id].Ranges("telemetry", ChunkEnd.Delivered).Ranges));
    }

    [Fact]
    public void Ranges_hold_what_was_added_in_any_order()
    {
        Random random = new(5);
        for (int round = 0; round < 200; round++)
        {
            SequenceRanges ranges = new();
            HashSet<ulong> model = [];
            for (int step = 0; step < 30; step++)
            {
                ulong first = (ulong)random.Next(1, 60);
                ulong last = first + (ulong)random.Next(0, 5);
                ranges.Add(first, last);
                for (ulong sequence = first; sequence <= last; sequence++)
                    model.Add(sequence);
            }

            for (ulong sequence = 0; sequence < 70; sequence++)
                Assert.Equal(model.Contains(sequence), ranges.Contains(sequence));
            Assert.Equal(model.Max(), ranges.Last);
            foreach ((ulong First, ulong Last) range in ranges.Ranges)
                Assert.False(model.Contains(range.Last + 1) || model.Contains(range.First - 1));
        }
    }

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        ArrayBufferWriter<byte> whole = new();
        JournalCodec.Write(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Delivered, 1, 2), whole);
        byte[] bytes = whole.WrittenSpan.ToArray();
        for (int at = 0; at < bytes.Length * 8; at++)
        {
            byte[] flipped = [.. bytes];
            flipped[at / 8] ^= (byte)(1 << (at % 8));
            Assert.False(JournalCodec.TryRead(flipped, out _, out _));
        }
    }

    private void Fill(SpoolJournal journal)
    {
        journal.Append(new JournalRecord.Started(
            new RecordingInfo { RecordingId = RecordingIds.ToBytes(Id), VehicleId = "veh-042" }));
        journal.Append(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Delivered, 1, 3));
        journal.Append(new JournalRecord.ChunksEnded(Id, "telemetry", ChunkEnd.Damaged, 4, 4));
        journal.Append(new JournalRecord.ChunksEnded(Id, "sensors", ChunkEnd.Evicted, 1, 1, "age"));
        journal.Append(new JournalRecord.Ended(
            new RecordingEnd { RecordingId = RecordingIds.ToBytes(Id), Orderly = true }));
        SourcePosition position = new() { SourceId = ByteString.CopyFrom(new byte[16]), Topic = "/imu", Messages = 7 };
        journal.Append(new JournalRecord.Position(position, _time.GetUtcNow().ToUnixTimeMilliseconds()));
        position = position.Clone();
        position.Messages = 5;
        journal.Append(new JournalRecord.Position(position, _time.GetUtcNow().ToUnixTimeMilliseconds()));
    }
}
