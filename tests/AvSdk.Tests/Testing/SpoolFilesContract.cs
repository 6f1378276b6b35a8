using AvSdk.Recording.Spool;
using AvSdk.Testing;

namespace AvSdk.Tests.Testing;

/// <summary>What every disk under a spool does, the real one and the one in memory.</summary>
public abstract class SpoolFilesContract : IDisposable
{
    protected abstract ISpoolFiles Disk { get; }

    [Fact]
    public void Appended_bytes_are_read_at_any_offset_also_through_another_instance()
    {
        using ISpoolFile file = Disk.Create("lane/000000000001.mcap");
        file.Append("hello "u8);
        file.Append("world"u8);
        file.Flush();
        using ISpoolFile again = Disk.Open("lane/000000000001.mcap");

        byte[] bytes = new byte[8];
        Assert.Equal(5, again.Read(6, bytes));
        Assert.Equal("world"u8.ToArray(), bytes[..5]);
        Assert.Equal(0, again.Read(11, bytes));
        Assert.Equal(0, again.Read(100, bytes));
        Assert.Equal((11, 11), (file.LengthBytes, again.LengthBytes));
        Assert.Equal("lane/000000000001.mcap", again.Name);
    }

    [Fact]
    public void A_file_is_cut_and_goes_on_from_there()
    {
        using ISpoolFile file = Disk.Create("a");
        file.Append("123456"u8);
        file.Truncate(3);
        file.Append("x"u8);
        byte[] bytes = new byte[4];
        Assert.Equal(4, file.Read(0, bytes));
        Assert.Equal("123x"u8.ToArray(), bytes);
    }

    [Fact]
    public void Files_are_listed_in_ordinal_order_with_their_lengths()
    {
        foreach (string name in (string[])["b/2", "a", "b/10", "B"])
        {
            using ISpoolFile file = Disk.Create(name);
            file.Append(new byte[name.Length]);
        }

        Assert.Equal(
            [new("B", 1), new("a", 1), new("b/10", 4), new SpoolFileEntry("b/2", 3)], Disk.List());
    }

    [Fact]
    public void A_renamed_file_replaces_the_one_that_had_the_name()
    {
        using (ISpoolFile old = Disk.Create("journal"))
            old.Append("old"u8);
        using (ISpoolFile made = Disk.Create("journal.new"))
            made.Append("newer"u8);

        Disk.Rename("journal.new", "journal");

        Assert.Equal([new SpoolFileEntry("journal", 5)], Disk.List());
    }

    [Fact]
    public void What_is_deleted_is_gone_and_deleting_it_again_is_no_error()
    {
        Disk.Create("x/y/z").Dispose();
        Disk.Delete("x/y/z");
        Disk.Delete("x/y/z");
        Assert.Empty(Disk.List());
        Assert.Throws<FileNotFoundException>(() => Disk.Open("x/y/z"));
    }

    [Fact]
    public void A_name_is_created_once()
    {
        Disk.Create("x").Dispose();
        Assert.ThrowsAny<IOException>(() => Disk.Create("x"));
        Assert.Throws<FileNotFoundException>(() => Disk.Open("y"));
    }

    [Fact]
    public void There_is_room() => Assert.InRange(Disk.FreeBytes, 1, long.MaxValue);

    public virtual void Dispose()
    {
        Disk.Dispose();
        GC.SuppressFinalize(this);
    }
}

public sealed class MemorySpoolFilesContract : SpoolFilesContract
{
    protected override ISpoolFiles Disk { get; } = new MemorySpoolFiles(seed: 1);
}

public sealed class FolderSpoolFilesContract : SpoolFilesContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("avsdk-spool-").FullName;

    public FolderSpoolFilesContract() => Disk = FolderSpoolFiles.OpenFolder(_folder);

    protected override ISpoolFiles Disk { get; }

    public override void Dispose()
    {
        base.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
