using System.Buffers;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Recovery;

/// <summary>
/// Whatever happens to a good file, recovery makes a good one of it that holds nothing the first did not, in its order,
/// and counts what it lost truthfully where it gives a number.
/// </summary>
public sealed class RecoveryPropertyTests
{
    public static TheoryData<string> Files =>
        ["lz4", "none", "unchunked", "in-chunks", "no-summary", "one-chunk", "unsealed"];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_cut_at_any_byte_gives_every_whole_chunk_before_the_cut(string name)
    {
        Original original = Original.Of(name);
        int least = 0;
        for (int length = 0; length <= original.File.Length; length++)
        {
            Recovered? recovered = original.Check(original.File[..length], $"cut at {length}", keepsOrder: true);
            int count = recovered?.Messages.Count ?? 0;
            Assert.True(count >= least, $"{count} messages from {length} bytes, {least} from fewer");
            if (recovered is not null)
                Assert.Equal(original.Messages.Take(count), recovered.Messages);
            least = count;
        }

        Assert.Equal(original.Messages.Count, least);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_flip_of_any_byte_costs_no_more_than_the_chunk_or_record_that_it_hits(string name)
    {
        Original original = Original.Of(name);
        for (int at = 0; at < original.File.Length; at++)
        {
            byte[] damaged = [.. original.File];
            damaged[at] ^= (byte)(1 << (at % 8));
            Recovered? recovered = original.Check(damaged, $"byte {at} flipped", keepsOrder: true);
            Assert.NotNull(recovered);
            bool hasDefinitions = original.DefinitionsAreElsewhere || at >= original.EndOfDefinitions;
            if (hasDefinitions)
            {
                int lost = original.Messages.Count - recovered.Messages.Count;
                Assert.True(lost <= original.MessagesOfChunkMax, $"byte {at} costs {lost} messages: "
                    + string.Join(" | ", recovered.Report.Skipped));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Pages_of_zeros_and_ranges_removed_repeated_or_swapped_leave_a_good_file(string name)
    {
        Original original = Original.Of(name);
        Random random = new(20261121);
        for (int run = 0; run < 400; run++)
        {
            int at = random.Next(original.File.Length);
            int count = Math.Min(random.Next(1, 300), original.File.Length - at);
            byte[] zeroed = [.. original.File];
            zeroed.AsSpan(at, count).Clear();
            original.Check(zeroed, $"{count} bytes at {at} zeroed", keepsOrder: true);
            byte[] removed = [.. original.File[..at], .. original.File[(at + count)..]];
            original.Check(removed, $"{count} bytes at {at} removed", keepsOrder: true);
            int to = random.Next(original.File.Length);
            byte[] repeated = [.. original.File[..to], .. original.File[at..(at + count)], .. original.File[to..]];
            original.Check(repeated, $"{count} bytes at {at} repeated at {to}", keepsOrder: false);
            int second = random.Next(original.File.Length);
            int first = Math.Min(at, second);
            byte[] spliced = [.. original.File[..first], .. original.File[Math.Max(at, second)..], .. original.File[first..]];
            original.Check(spliced, $"spliced at {first} and {Math.Max(at, second)}", keepsOrder: false);
        }
    }

    [Fact]
    public void A_page_of_zeros_in_a_drive_costs_the_chunks_that_it_hits_and_no_other()
    {
        byte[] file = File.ReadAllBytes(SharedFiles.Require("drives", "rav4_60s.lz4.mcap"));
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        McapChunkIndex hit = reader.Chunks[reader.Chunks.Count / 2];
        foreach (long page in new[] { (long)hit.ChunkStartOffset - 100, (long)hit.ChunkStartOffset + 5000 })
        {
            byte[] damaged = [.. file];
            damaged.AsSpan((int)page, 4096).Clear();
            using MemoryStream output = new();
            McapRecoveryReport report = McapRecovery.Recover(new MemorySource(damaged), new StreamSink(output),
                cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(reader.Chunks.Count - 1, report.ChunksCopied);
            Assert.Equal((long)reader.Statistics!.MessageCount, report.MessagesRecovered + report.MessagesLost);
            using IMemoryOwner<byte> body = reader.ReadChunkBody(hit);
            Assert.True(ChunkBody.TryParse(body.Memory.Span, out ChunkBodyInfo info));
            Assert.Equal(info.MessageCount, report.MessagesLost);
            Assert.Equal(reader.Attachments.Count, report.Attachments);
        }
    }

    [Fact]
    public void Definitions_that_were_lost_come_from_the_summary_and_the_report_says_so()
    {
        Original original = Original.Of("lz4");
        byte[] damaged = [.. original.File];
        damaged.AsSpan(40, original.EndOfDefinitions - 60).Clear();
        Recovered recovered = Recovered.From(damaged);
        Assert.Equal(original.Messages, recovered.Messages);
        Assert.True(recovered.Report.IsLossy);
        Assert.Equal(0, recovered.Report.MessagesLost);
        Assert.Contains(recovered.Report.Mended, e => e.Kind == McapErrorKind.UnknownChannel
            && e.Found.Contains("summary", StringComparison.Ordinal));
    }

    [Fact]
    public void A_topic_that_was_hit_is_the_summary_s_again()
    {
        Original original = Original.Of("lz4");
        byte[] damaged = [.. original.File];
        damaged[damaged.AsSpan().IndexOf("/imu"u8) + 1] ^= 4;
        Recovered recovered = Recovered.From(damaged);
        Assert.Equal(original.Messages, recovered.Messages);
        Assert.False(recovered.Report.IsLossy);
        Assert.NotEmpty(recovered.Report.Mended);
    }

    [Fact]
    public void A_file_within_a_damaged_attachment_is_not_taken_for_the_file()
    {
        byte[] inner = SmallFile.Write();
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, new McapWriterOptions { ChunkBytes = 200 }, leaveOpen: true))
        {
            writer.AddChannel(new McapChannel(1, 0, "/own", "json"));
            for (uint i = 0; i < 10; i++)
                writer.WriteMessage(1, i, 5000 + i, 0, new byte[40]);
            writer.WriteAttachment(new McapAttachment(1, 1, "inner.mcap", "application/mcap", inner));
            for (uint i = 10; i < 20; i++)
                writer.WriteMessage(1, i, 5000 + i, 0, new byte[40]);
        }

        byte[] file = stream.ToArray();
        List<Recovered.Message> expected = Recovered.Read(file).Messages;
        int attachment = file.AsSpan().IndexOf("inner.mcap"u8) - 29;
        Assert.Equal((byte)McapOpcode.Attachment, file[attachment]);
        file.AsSpan(attachment, 9).Clear();
        Recovered recovered = Recovered.From(file);
        Assert.Equal(expected, recovered.Messages);
        Assert.Empty(recovered.Attachments);
    }

    [Fact]
    public void Two_files_in_one_are_kept_apart_where_their_channels_differ()
    {
        byte[] first = Original.Of("lz4").File;
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, new McapWriterOptions { ChunkBytes = 100 }, leaveOpen: true))
        {
            writer.AddChannel(new McapChannel(1, 0, "/other", "json"));
            writer.AddChannel(new McapChannel(9, 0, "/new", "json"));
            for (uint i = 0; i < 10; i++)
                writer.WriteMessage((ushort)(i % 2 == 0 ? 1 : 9), i, 5000 + i, 0, new byte[40]);
        }

        Recovered recovered = Recovered.From([.. first, .. stream.ToArray()]);
        Assert.DoesNotContain(recovered.Messages, m => m.Topic == "/imu" && m.LogTime >= 5000);
        Assert.Equal(Recovered.Read(first).Messages, recovered.Messages.Take(Original.MessagesWritten));
        Assert.Contains(recovered.Report.Skipped, s => s.Error.Kind == McapErrorKind.DuplicateChannelId && s.MessagesLost == 5);
    }

    [Fact]
    public void Lengths_of_2_to_the_60_allocate_nothing()
    {
        byte[] file = Original.Of("lz4").File;
        McapScan scan = McapScan.Run(new MemorySource(file));
        foreach (long at in new[] { scan.Chunks[0].Offset + 1, scan.Chunks[0].Offset + 25, scan.Chunks[1].Offset + 44, 9 })
        {
            byte[] damaged = [.. file];
            BitConverter.TryWriteBytes(damaged.AsSpan((int)at), 1L << 60);
            Recovered.From(damaged);
            long before = GC.GetAllocatedBytesForCurrentThread();
            McapRecovery.Recover(new MemorySource(damaged), new StreamSink(new MemoryStream()),
                cancellationToken: TestContext.Current.CancellationToken);
            McapDoctor.Check(new MemorySource(damaged), cancellationToken: TestContext.Current.CancellationToken);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        }
    }

    /// <summary>A good file, and what recovery may say of it.</summary>
    private sealed class Original
    {
        public const int MessagesWritten = 16;

        public required byte[] File { get; init; }

        public required List<Recovered.Message> Messages { get; init; }

        public required bool DefinitionsAreElsewhere { get; init; }

        public int EndOfDefinitions { get; private set; }

        public int MessagesOfChunkMax { get; private set; }

        private bool HasChunks { get; set; }

        public static Original Of(string name)
        {
            McapWriterOptions options = new() { ChunkBytes = 200 };
            options = name switch
            {
                "none" => options with { Compression = ChunkCompression.None },
                "unchunked" => options with { ChunkBytes = 0 },
                "in-chunks" => options with { DefinitionsInChunks = true },
                "no-summary" => options with
                {
                    ChunkIndexes = false,
                    Statistics = false,
                    RepeatChannels = false,
                    RepeatSchemas = false,
                },
                "one-chunk" => new McapWriterOptions(),
                "unsealed" => options with { FinishOnDispose = false },
                _ => options,
            };
            using MemoryStream stream = new();
            using (McapWriter writer = new(stream, options, leaveOpen: true))
                Write(writer);
            byte[] file = stream.ToArray();
            McapScan scan = McapScan.Run(new MemorySource(file));
            List<Recovered.Message> messages = Recovered.From(file).Messages;
            Assert.Equal(MessagesWritten, messages.Count);
            return new Original
            {
                File = file,
                Messages = messages,
                DefinitionsAreElsewhere = name is "lz4" or "none" or "one-chunk",
                EndOfDefinitions = name == "in-chunks" ? (int)scan.Chunks[^1].End : (int)(scan.Chunks.Count > 0
                    ? scan.Chunks[0].Offset : scan.Runs[0].Offset),
                MessagesOfChunkMax = name switch { "unchunked" => 2, "one-chunk" => MessagesWritten, _ => 5 },
                HasChunks = scan.Chunks.Count > 0,
            };
        }

        /// <summary>Recovers a damaged copy and holds it against this; null when there is nothing of a file in it.</summary>
        public Recovered? Check(byte[] damaged, string how, bool keepsOrder)
        {
            Recovered recovered;
            try
            {
                recovered = Recovered.From(damaged);
            }
            catch (McapException e)
            {
                Assert.True(e.Error.Kind is McapErrorKind.Truncated or McapErrorKind.WrongMagic, $"{how}: {e.Message}");
                return null;
            }

            McapRecoveryReport report = recovered.Report;
            McapCheckReport check = McapDoctor.Check(
                new MemorySource(recovered.File), cancellationToken: TestContext.Current.CancellationToken);
            Assert.True(check.IsGood, $"{how}: {string.Join(' ', check.Findings)}");
            Assert.Equal((how, (long)recovered.Messages.Count), (how, report.MessagesRecovered));

            // The channel's definition may be what was hit: its topic is not held against the messages.
            List<Recovered.Message> own = [.. Messages.Select(Untopical)];
            int foreign = recovered.Messages.Count(m => !own.Contains(Untopical(m)));
            Assert.True(foreign <= report.MessagesUnchecked, $"{how}: {foreign} messages that the file never had");
            if (HasChunks && keepsOrder && foreign == 0)
                AssertSubsequence(own, [.. recovered.Messages.Select(Untopical)], how);
            if (keepsOrder && foreign == 0 && report.WasSealed && report.MessagesLost is long lost)
                Assert.Equal((how, (long)MessagesWritten), (how, report.MessagesRecovered + lost));
            Recovered again = Recovered.From(recovered.File);
            Assert.Equal(recovered.Messages, again.Messages);
            Assert.False(again.Report.IsLossy, how);
            return recovered;
        }

        private static Recovered.Message Untopical(Recovered.Message message) => message with { Topic = "" };

        private static void AssertSubsequence(List<Recovered.Message> all, List<Recovered.Message> some, string how)
        {
            int at = 0;
            foreach (Recovered.Message message in all)
                at += at < some.Count && some[at] == message ? 1 : 0;
            Assert.True(at == some.Count, $"{how}: message {at} is out of order");
        }

        private static void Write(McapWriter writer)
        {
            writer.AddSchema(new McapSchema(1, "demo.Imu", "jsonschema", "{}"u8.ToArray()));
            writer.AddChannel(new McapChannel(1, 1, "/imu", "json"));
            writer.AddChannel(new McapChannel(2, 0, "/raw", "json"));
            for (int i = 0; i < MessagesWritten; i++)
            {
                byte[] payload = [.. Enumerable.Range(0, 20 + (i % 3)).Select(b => (byte)(b * (i + 1)))];
                writer.WriteMessage((ushort)(1 + (i % 2)), (uint)i, (ulong)(1000 + (i * 10)), (ulong)i, payload);
                if (i == 7)
                    writer.WriteMetadata(new McapMetadata("m", new Dictionary<string, string> { ["k"] = "v" }));
            }

            writer.Flush();
        }
    }
}
