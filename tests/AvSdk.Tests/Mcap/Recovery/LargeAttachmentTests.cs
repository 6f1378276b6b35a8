using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Recovery;

public sealed class LargeAttachmentTests
{
    [Fact]
    public void An_attachment_beyond_the_limit_of_a_record_is_checked_and_copied_in_pieces()
    {
        byte[] data = new byte[9 << 20];
        new Random(1).NextBytes(data);
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, leaveOpen: true))
        {
            writer.AddChannel(new McapChannel(1, 0, "/a", "json"));
            writer.WriteMessage(1, 0, 5, 5, "one"u8);
            writer.WriteAttachment(new McapAttachment(1, 2, "map", "application/octet-stream", data));
            writer.WriteMessage(1, 1, 6, 6, "two"u8);
        }

        byte[] file = stream.ToArray();
        McapLimits limits = new() { RecordBytesMax = 4 << 20 };
        McapRecoveryOptions options = new() { Limits = limits };
        McapRecovery.Recover(new MemorySource(file), new NoSink(), options,
            cancellationToken: TestContext.Current.CancellationToken);
        long before = GC.GetAllocatedBytesForCurrentThread();
        McapRecoveryReport report = McapRecovery.Recover(new MemorySource(file), new NoSink(), options,
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3 << 20);
        Assert.Equal((false, 1L, 2L), (report.IsLossy, report.Attachments, report.MessagesRecovered));
        Assert.Equal(file.Length, report.BytesWritten);
        Assert.True(McapDoctor.Check(new MemorySource(file), new McapCheckOptions { Limits = limits }, null,
            TestContext.Current.CancellationToken).IsGood);
        Recovered recovered = Recovered.From(file, options);
        Assert.Equal(data, recovered.Attachments.Single().Data.ToArray());

        file[5 << 20] ^= 1;
        recovered = Recovered.From(file, options);
        Assert.Empty(recovered.Attachments);
        Assert.Equal((2, 0L), (recovered.Messages.Count, recovered.Report.MessagesLost));
        Assert.Equal(McapErrorKind.CrcMismatch, Assert.Single(recovered.Report.Skipped).Error.Kind);
    }

    private sealed class NoSink : IMcapSink
    {
        public long Position { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes) => Position += bytes.Length;

        public void Flush()
        {
        }
    }
}
