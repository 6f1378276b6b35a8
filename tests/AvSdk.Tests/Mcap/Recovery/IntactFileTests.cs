using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Recovery;

/// <summary>A file that has nothing wrong with it comes out with the same content, and nothing is said to be lost.</summary>
public sealed class IntactFileTests
{
    [Fact]
    public void Every_file_of_the_conformance_suite_comes_out_with_the_same_content()
    {
        string folder = SharedFiles.Require("mcap-conformance");
        foreach (string path in Directory.EnumerateFiles(folder, "*.mcap", SearchOption.AllDirectories))
            AssertSame(File.ReadAllBytes(path), Path.GetFileName(path));
    }

    [Theory]
    [InlineData("rav4_60s.uncompressed")]
    [InlineData("rav4_60s.lz4")]
    [InlineData("rav4_60s.zstd")]
    [InlineData("rav4_60s.streaming")]
    public void A_drive_comes_out_as_it_was(string drive)
    {
        if (drive.EndsWith("zstd", StringComparison.Ordinal) && !ChunkCompression.Zstd.IsAvailable)
            Assert.Skip("no libzstd.so.1");
        string path = SharedFiles.Require("drives", drive + ".mcap");
        string output = Path.GetTempFileName();
        try
        {
            using FileSource source = new(path);
            McapRecoveryReport report;
            using (FileStream stream = File.Create(output))
            {
                report = McapRecovery.Recover(
                    source, new StreamSink(stream), cancellationToken: TestContext.Current.CancellationToken);
            }

            Assert.False(report.IsLossy);
            Assert.Empty(report.Mended);
            Assert.Equal((0L, 0L, true), (report.MessagesUnchecked, report.MessagesLost, report.WasSealed));
            DriveExpectation expected = DriveExpectation.Of(path);
            DriveExpectation.Hashes hashes = new();
            using McapStreamReader reader = new(File.OpenRead(output));
            while (reader.ReadMessage())
                hashes.Add(reader.MessageChannel.Topic, reader.Message);
            Assert.Equal(expected.Topics(), hashes.Result());
            using McapIndexedReader indexed = McapIndexedReader.Open(output);
            Assert.Equal(expected.Metadata(), indexed.MetadataIndexes.Select(indexed.ReadMetadata));
            Assert.Equal(expected.Attachments(),
                indexed.Attachments.Select(a => DriveExpectation.Describe(indexed.ReadAttachment(a))));
        }
        finally
        {
            File.Delete(output);
        }
    }

    [Theory]
    [InlineData(200)]
    [InlineData(0)]
    public void A_small_file_of_every_record_comes_out_as_it_was(int chunkBytes)
    {
        Recovered recovered = AssertSame(SmallFile.Write(chunkBytes: chunkBytes), "small");
        Assert.Equal(SmallFile.Messages, recovered.Messages.Count);
        Assert.Equal([SmallFile.Attachment], recovered.Attachments);
        Assert.Equal([SmallFile.Metadata], recovered.Metadata);
        Assert.Single(recovered.Privates);
    }

    [Fact]
    public void Good_chunks_are_copied_byte_for_byte()
    {
        byte[] file = SmallFile.Write();
        Recovered recovered = Recovered.From(file);
        using McapIndexedReader before = McapIndexedReader.Open(new MemorySource(file));
        using McapIndexedReader after = McapIndexedReader.Open(new MemorySource(recovered.File));
        Assert.Equal(before.Chunks.Select(before.ReadChunkBody).Select(b => Convert.ToHexString(b.Memory.Span)),
            after.Chunks.Select(after.ReadChunkBody).Select(b => Convert.ToHexString(b.Memory.Span)));
        Assert.Equal(before.Chunks.Count, recovered.Report.ChunksCopied);
    }

    [Fact]
    public void Progress_ends_at_the_length_of_the_file_and_a_cancelled_recovery_stops()
    {
        byte[] file = SmallFile.Write();
        long last = 0;
        McapRecovery.Recover(new MemorySource(file), new StreamSink(new MemoryStream()), null,
            new Reports(b => last = b), TestContext.Current.CancellationToken);
        Assert.Equal(file.Length, last);
        Assert.Throws<OperationCanceledException>(() => McapRecovery.Recover(new MemorySource(file),
            new StreamSink(new MemoryStream()), null, null, new CancellationToken(canceled: true)));
    }

    private static Recovered AssertSame(byte[] file, string name)
    {
        Recovered original = Recovered.Read(file);
        Recovered recovered = Recovered.From(file);
        McapRecoveryReport report = recovered.Report;
        Assert.Equal((name, false, 0L, true), (name, report.IsLossy, report.MessagesLost, report.WasSealed));
        Assert.Equal(original.Messages, recovered.Messages);
        Assert.Equal(original.Attachments, recovered.Attachments);
        Assert.Equal(original.Metadata, recovered.Metadata);
        Assert.Equal(original.Privates, recovered.Privates);
        Assert.Equal(original.Messages.Count, report.MessagesRecovered);
        Recovered again = Recovered.From(recovered.File);
        Assert.Equal(recovered.Messages, again.Messages);
        Assert.False(again.Report.IsLossy);
        return recovered;
    }

    private sealed class Reports(Action<long> told) : IProgress<long>
    {
        public void Report(long value) => told(value);
    }
}
