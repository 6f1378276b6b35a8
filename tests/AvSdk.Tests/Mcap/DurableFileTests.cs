using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap;

public sealed class DurableFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("avsdk-durable-").FullName;

    private string FilePath => Path.Combine(_folder, "a.bin");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_written_is_read_back_and_appended_to_after_opening_again()
    {
        using (DurableFile file = DurableFile.Create(FilePath))
        {
            file.Write("hello"u8);
            file.Flush();
            file.WriteAt(1, "a"u8);
            Assert.Equal(5, file.Position);
            DurableFile.FlushDirectory(_folder);
        }

        using DurableFile again = DurableFile.OpenExisting(FilePath);
        Assert.Equal((5L, 5L), (again.Position, again.Length));
        again.Write(" world"u8);
        again.Flush();
        byte[] bytes = new byte[20];
        Assert.Equal(11, again.ReadAt(0, bytes));
        Assert.Equal("hallo world"u8, bytes.AsSpan(0, 11));
        Assert.Equal(5, await again.ReadAtAsync(6, bytes, TestContext.Current.CancellationToken));
        Assert.Equal(0, again.ReadAt(11, bytes));
        again.Truncate(3);
        Assert.Equal((3L, 3L), (again.Position, again.Length));
    }

    [Fact]
    public void A_file_that_is_there_is_not_created_over()
    {
        DurableFile.Create(FilePath).Dispose();
        Assert.Throws<IOException>(() => DurableFile.Create(FilePath));
        DurableFile.OpenOrCreate(FilePath).Dispose();
    }

    [Fact]
    public void A_flush_that_the_kernel_refuses_is_reported_and_the_file_refuses_further_writes()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/dev/full"))
            Assert.Skip("no /dev/full");
        // fdatasync on a character device is EINVAL: an error that the runtime's own flush keeps to itself.
        using DurableFile file = DurableFile.OpenExisting("/dev/full");
        DurableFileException thrown = Assert.Throws<DurableFileException>(file.Flush);
        Assert.Equal(22, thrown.Errno);
        Assert.Contains("/dev/full", thrown.Message, StringComparison.Ordinal);
        thrown = Assert.Throws<DurableFileException>(() => file.Write("x"u8));
        Assert.Contains("go on in a new file", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<DurableFileException>(file.Flush);
    }

    [Fact]
    public void A_full_disk_is_reported_as_such_and_the_position_stays()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/dev/full"))
            Assert.Skip("no /dev/full");
        using DurableFile file = DurableFile.OpenExisting("/dev/full");
        DurableFileException thrown = Assert.Throws<DurableFileException>(() => file.Write("x"u8));
        Assert.True(thrown.IsDiskFull);
        Assert.Contains("free space", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(0, file.Position);
    }

    [Fact]
    public void A_folder_that_is_not_there_cannot_be_flushed()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("folders are flushed on Linux only");
        DurableFileException thrown = Assert.Throws<DurableFileException>(
            () => DurableFile.FlushDirectory(Path.Combine(_folder, "none")));
        Assert.Equal(2, thrown.Errno);
    }

    [Fact]
    public void A_writer_over_it_makes_a_file_that_reads_back()
    {
        using (DurableFile file = DurableFile.Create(FilePath))
        using (McapWriter writer = new(file))
        {
            writer.AddChannel(new McapChannel(1, 0, "/a", ""));
            writer.WriteMessage(1, 1, 2, 3, "x"u8);
        }

        using McapIndexedReader reader = McapIndexedReader.Open(FilePath);
        using McapMessageCursor cursor = reader.Read(McapQuery.All);
        Assert.True(cursor.MoveNext());
        Assert.Equal("/a", cursor.Channel.Topic);
        Assert.False(cursor.MoveNext());
    }
}
