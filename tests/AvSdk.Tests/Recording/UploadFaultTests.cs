using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Recording.Ledger;
using AvSdk.Tests.Recording.Fakes;
using Google.Protobuf;
using ChunkRecord = AvSdk.Contracts.V1.ChunkRecord;

namespace AvSdk.Tests.Recording;

/// <summary>What goes wrong between spool and gateway, and must not stop the link or cost a chunk.</summary>
public sealed class UploadFaultTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_segment_that_cannot_be_opened_for_a_while_costs_no_chunk()
    {
        Bench bench = new()
        {
            Gateway = new FakeGateway { Refusals = 1 },
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane()) with
            {
                Upload = new UploadOptions { ReplyTimeout = TimeSpan.FromHours(1) },
            },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        await WriteChunksAsync(recorder, 3);
        int failures = 3;
        bench.Files.BeforeOpen = name =>
        {
            if (name.EndsWith(".mcap", StringComparison.Ordinal) && Interlocked.Decrement(ref failures) >= 0)
                throw new IOException("Too many open files.");
        };
        // The clock goes on while the link stands too: a session that ends by itself waits for last words.
        Task drain = recorder.DrainAsync(Ct);
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromMilliseconds(20));
            return drain.IsCompleted;
        });
        await drain;

        Assert.True(Volatile.Read(ref failures) < 0);
        TopicLedger topic = recorder.Ledger.Topics.Single();
        Assert.Equal((30UL, 0UL), (topic.Delivered, topic.Damaged));
        Assert.DoesNotContain(bench.Files.Names, name => name.EndsWith(".damaged", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chunk_that_can_never_be_read_is_damaged_after_some_tries_and_the_others_go_before(bool isHeader)
    {
        Bench bench = new()
        {
            Gateway = new FakeGateway { Refusals = 1 },
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane()) with
            {
                Upload = new UploadOptions { ReplyTimeout = TimeSpan.FromHours(1) },
            },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        await WriteChunksAsync(recorder, 5);
        McapScannedChunk bad = McapScan.Run(new MemorySource(bench.Files.Read(bench.Files.Segments.Single()))).Chunks[1];
        McapScannedChunk before = McapScan.Run(new MemorySource(bench.Files.Read(bench.Files.Segments.Single()))).Chunks[0];
        int failures = 0;
        bench.Files.BeforeRead = (name, offset) =>
        {
            bool isBad = isHeader ? offset >= before.End && offset < bad.Offset : offset >= bad.Offset && offset < bad.End;
            if (!isBad || !name.EndsWith(".mcap", StringComparison.Ordinal))
                return;
            Interlocked.Increment(ref failures);
            throw new IOException("EIO");
        };
        Task drain = recorder.DrainAsync(Ct);
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromMilliseconds(100));
            return bench.Gateway.Stored.Count == 4;
        });
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return drain.IsCompleted;
        });
        await drain;

        Assert.InRange(Volatile.Read(ref failures), 6, 25);
        Assert.Equal(2, bench.Gateway.Attempts);
        Assert.Equal(0, recorder.Status.Lanes[0].PendingChunks);
        await recorder.FlushAsync(Ct);
        string ledger = bench.Files.Names.Single(name => name.EndsWith(".ledger", StringComparison.Ordinal));
        Assert.Contains(
            LedgerScan.Run(bench.Files.CopyDurable().Read(ledger)).Entries.SelectMany(each => each.Entry.Chunks),
            chunks => chunks is { End: LedgerChunks.Types.End.Damaged, FirstSequence: 2, LastSequence: 2, Reason: "unreadable" });
    }

    [Fact]
    public async Task A_gateway_that_hangs_and_takes_no_message_is_left_for_another_connection()
    {
        FakeGateway gateway = new();
        int parts = 0;
        TaskCompletionSource never = new();
        gateway.OnPart = _ => Interlocked.Increment(ref parts) == 1 ? never.Task : Task.CompletedTask;
        Bench bench = new()
        {
            Gateway = gateway,
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane()) with
            {
                Upload = new UploadOptions { ReplyTimeout = TimeSpan.FromSeconds(30) },
            },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        await WriteChunksAsync(recorder, 3);
        await Eventually.Holds(() => Volatile.Read(ref parts) == 1);
        bench.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(1, gateway.Attempts);
        Task drain = recorder.DrainAsync(Ct);
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromMilliseconds(100));
            return drain.IsCompleted;
        });
        await drain;

        Assert.True(gateway.Attempts > 1);
        Assert.Equal(3, gateway.Stored.Count);
    }

    [Theory]
    [InlineData("unparsable")]
    [InlineData("without a header")]
    [InlineData("of another chunk")]
    [InlineData("of another length")]
    [InlineData("cut off")]
    public async Task A_chunk_whose_record_is_damaged_is_quarantined_and_the_rest_is_delivered(string damage)
    {
        Bench bench = new() { Gateway = new FakeGateway { Refusals = 1 } };
        LocalRecorder recorder = await bench.OpenAsync();
        await WriteChunksAsync(recorder, 3);
        string name = bench.Files.Segments.Single();
        bench.Files.Write(name, Damaged(bench.Files.Read(name), damage));
        await UploadTests.DrainThroughRetriesAsync(bench, recorder);

        ulong[] whole = damage == "cut off" ? [1] : [1, 3];
        Assert.Equal(whole, bench.Gateway.Stored.Keys.Select(chunk => chunk.Sequence).Order());
        Assert.Equal(0, recorder.Status.Lanes[0].PendingChunks);
        Assert.Equal(2, bench.Gateway.Attempts);
        await recorder.DisposeAsync();
        Assert.Contains(name + ".damaged", bench.Files.Names);
    }

    [Fact]
    public async Task A_port_that_cancels_of_its_own_accord_is_tried_again()
    {
        Bench bench = new()
        {
            Gateway = new FakeGateway { Refusals = 2, Refusal = new TaskCanceledException("Timed out.") },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        await WriteChunksAsync(recorder, 1);
        await UploadTests.DrainThroughRetriesAsync(bench, recorder);

        Assert.Equal(3, bench.Gateway.Attempts);
        Assert.Equal(10UL, recorder.Ledger.Delivered);
    }

    private static async Task WriteChunksAsync(LocalRecorder recorder, uint count)
    {
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        for (uint at = 0; at < count; at++)
        {
            RecordingToSpoolTests.WriteMany(channel, 1 + (at * 10), 10, 1000);
            await recorder.FlushAsync(Ct);
        }
    }

    // The record of the second chunk.
    private static byte[] Damaged(byte[] segment, string damage)
    {
        byte[] content = McapScan.Run(new MemorySource(segment)).PrivateRecords
            .Where(static record => record.Opcode == 0x80)
            .Select(record => record.Content.ToArray())
            .Single(content => ChunkRecord.Parser.ParseFrom(content).Header.Ref.Sequence == 2);
        int at = segment.AsSpan().IndexOf(content);
        if (damage == "cut off")
            return segment[..(at + 10)];
        ChunkRecord record = ChunkRecord.Parser.ParseFrom(content);
        switch (damage)
        {
            case "unparsable":
                content.AsSpan().Fill(0xFF);
                break;
            case "without a header":
                // One unknown field that is as long as the rest.
                using (CodedOutputStream output = new(content))
                {
                    output.WriteTag(15, WireFormat.WireType.LengthDelimited);
                    output.WriteLength(content.Length - (content.Length - 2 < 128 ? 2 : 3));
                }

                break;
            case "of another chunk":
                record.Header.Ref.Sequence = 3;
                content = record.ToByteArray();
                break;
            default:
                record.Header.BodyBytes ^= 1;
                content = record.ToByteArray();
                break;
        }

        content.CopyTo(segment, at);
        return segment;
    }
}
