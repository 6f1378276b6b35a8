using AvSdk.Recording;
using AvSdk.Recording.Spool;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

/// <summary>What every <see cref="ISpoolFiles"/> must do; run against each.</summary>
public abstract class SpoolFilesContract : IDisposable
{
    private ISpoolFiles? _files;

    private ISpoolFiles Files => _files ??= Open();

    [Fact]
    public void What_was_appended_is_read_back_also_through_another_handle()
    {
        using ISpoolFile file = Files.Create("a/b/one");
        file.Append("hello"u8);
        file.Append(" world"u8);
        file.Flush();
        Assert.Equal(11, file.LengthBytes);

        using ISpoolFile again = Files.Open("a/b/one");
        byte[] bytes = new byte[20];
        Assert.Equal(5, again.Read(6, bytes));
        Assert.Equal("world"u8, bytes.AsSpan(0, 5));
        Assert.Equal(0, again.Read(11, bytes));
        file.Append("!"u8);
        Assert.Equal(6, again.Read(6, bytes));
    }

    [Fact]
    public void A_file_goes_on_where_it_was_cut()
    {
        using (ISpoolFile file = Files.Create("one"))
        {
            file.Append("hello"u8);
            file.Truncate(2);
            file.Append("y"u8);
        }

        using ISpoolFile again = Files.Open("one");
        again.Append("!"u8);
        byte[] bytes = new byte[4];
        Assert.Equal(4, again.Read(0, bytes));
        Assert.Equal("hey!"u8, bytes);
    }

    [Fact]
    public void The_list_names_every_file_in_order()
    {
        foreach (string name in new[] { "b/2", "a", "b/1" })
            Files.Create(name).Dispose();

        Assert.Equal(["a", "b/1", "b/2"], Files.List().Select(entry => entry.Name));
    }

    [Fact]
    public void A_name_that_is_taken_and_a_name_that_is_not_there_are_errors()
    {
        Files.Create("one").Dispose();
        Assert.ThrowsAny<IOException>(() => Files.Create("one"));
        Assert.Throws<FileNotFoundException>(() => Files.Open("two"));
        Assert.Throws<FileNotFoundException>(() => Files.Open("folder/two"));
        Assert.ThrowsAny<IOException>(() => Files.Rename("two", "three"));
    }

    [Fact]
    public void A_rename_replaces_and_a_deletion_of_nothing_is_no_error()
    {
        using (ISpoolFile file = Files.Create("new"))
            file.Append("new"u8);
        Files.Create("old").Dispose();
        Files.Rename("new", "old");
        Assert.Equal(new SpoolFileEntry("old", 3), Files.List().Single());

        Files.Delete("old");
        Files.Delete("old");
        Files.Delete("no/such");
        Assert.Empty(Files.List());
        Assert.True(Files.FreeBytes > 0);
    }

    public virtual void Dispose()
    {
        _files?.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract ISpoolFiles Open();
}

public sealed class MemoryFilesTests : SpoolFilesContract
{
    protected override ISpoolFiles Open() => new MemoryFiles();
}

public sealed class FolderSpoolFilesTests : SpoolFilesContract
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("avsdk-spool-");

    [Fact]
    public void A_folder_is_one_recorders_at_a_time()
    {
        using FolderSpoolFiles first = FolderSpoolFiles.OpenFolder(_folder.FullName);
        RecorderException error = Assert.Throws<RecorderException>(() => FolderSpoolFiles.OpenFolder(_folder.FullName));
        Assert.Contains("in use by another recorder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_an_error_that_names_the_remedy()
    {
        string file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");
        RecorderException error = Assert.Throws<RecorderException>(() => FolderSpoolFiles.OpenFolder(file + "/spool"));
        Assert.Contains("SpoolFolder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_that_become_empty_are_removed()
    {
        using FolderSpoolFiles files = FolderSpoolFiles.OpenFolder(_folder.FullName);
        files.Create("a/b/one").Dispose();
        files.Create("a/two").Dispose();
        files.Delete("a/b/one");
        Assert.True(Directory.Exists(Path.Combine(_folder.FullName, "a")));
        Assert.False(Directory.Exists(Path.Combine(_folder.FullName, "a", "b")));
        files.Delete("a/two");
        Assert.Equal(["lock"], _folder.EnumerateFileSystemInfos().Select(entry => entry.Name));
    }

    [Fact]
    public async Task A_recorder_on_a_folder_records_delivers_and_leaves_the_journal()
    {
        FakeGateway gateway = new();
        RecorderOptions options = new()
        {
            VehicleId = "veh-042",
            SpoolFolder = Path.Combine(_folder.FullName, "spool"),
            FreeBytesMin = 0,
        };
        await using (LocalRecorder recorder = await LocalRecorder.OpenAsync(
            options, new RecorderPorts { Uplink = gateway }, TestContext.Current.CancellationToken))
        {
            RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 5000, 1000);
            await recorder.DrainAsync(TestContext.Current.CancellationToken);
            Assert.Equal(5000UL, recorder.Ledger.Delivered);
        }

        Assert.Equal(
            ["journal", "lock"],
            new DirectoryInfo(options.SpoolFolder).EnumerateFileSystemInfos().Select(entry => entry.Name).Order());
    }

    public override void Dispose()
    {
        base.Dispose();
        _folder.Delete(recursive: true);
    }

    protected override ISpoolFiles Open() => FolderSpoolFiles.OpenFolder(_folder.FullName);
}
