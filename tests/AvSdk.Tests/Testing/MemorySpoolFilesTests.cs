using AvSdk.Mcap;
using AvSdk.Recording.Spool;
using AvSdk.Testing;

namespace AvSdk.Tests.Testing;

public sealed class MemorySpoolFilesTests
{
    [Fact]
    public void Files_are_listed_in_order_read_renamed_and_deleted()
    {
        using MemorySpoolFiles disk = new(seed: 1);
        Write(disk, "b/2", "two"u8);
        Write(disk, "a/1", "one"u8);
        disk.Rename("b/2", "b/3");

        Assert.Equal(
            [new SpoolFileEntry("a/1", 3), new SpoolFileEntry("b/3", 3)], disk.List());
        Assert.Equal("two"u8.ToArray(), Read(disk, "b/3"));
        disk.Delete("b/3");
        disk.Delete("b/3");
        Assert.Throws<FileNotFoundException>(() => disk.Open("b/3"));
        Assert.Throws<IOException>(() => disk.Create("a/1"));
    }

    [Fact]
    public void What_was_flushed_survives_a_power_cut_and_a_beginning_of_the_rest_may()
    {
        HashSet<long> lengths = [];
        int torn = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            using MemorySpoolFiles disk = new(seed);
            ISpoolFile file = disk.Create("s");
            file.Append(Enumerable.Repeat((byte)1, 1000).ToArray());
            file.Flush();
            file.Append(Enumerable.Repeat((byte)2, 1000).ToArray());
            disk.CutPower();
            Assert.Throws<DurableFileException>(() => file.Append("x"u8));
            disk.RestorePower();
            Assert.Throws<DurableFileException>(() => file.Append("x"u8));

            byte[] left = Read(disk, "s");
            Assert.InRange(left.Length, 1000, 2000);
            Assert.All(left[..1000], each => Assert.Equal(1, each));
            lengths.Add(left.Length);
            torn += left[1000..].Any(each => each != 2) ? 1 : 0;
        }

        Assert.InRange(lengths.Count, 100, 200);
        Assert.InRange(torn, 50, 150);
    }

    [Fact]
    public void A_file_that_was_never_flushed_may_be_gone_and_a_deleted_one_may_be_back()
    {
        int there = 0, back = 0;
        for (int seed = 0; seed < 100; seed++)
        {
            using MemorySpoolFiles disk = new(seed);
            Write(disk, "new", "x"u8);
            ISpoolFile old = disk.Create("old");
            old.Flush();
            disk.Delete("old");
            disk.CutPower();
            disk.RestorePower();
            there += disk.List().Count(file => file.Name == "new");
            back += disk.List().Count(file => file.Name == "old");
        }

        Assert.InRange(there, 25, 75);
        Assert.InRange(back, 25, 75);
    }

    [Fact]
    public void The_same_seed_leaves_the_same_bytes()
    {
        Assert.Equal(AfterCut(7), AfterCut(7));

        static byte[] AfterCut(int seed)
        {
            using MemorySpoolFiles disk = new(seed);
            ISpoolFile file = disk.Create("s");
            file.Flush();
            file.Append(new byte[5000]);
            disk.CutPower();
            disk.RestorePower();
            return Read(disk, "s");
        }
    }

    [Fact]
    public void A_full_disk_takes_a_part_and_says_that_it_is_full()
    {
        using MemorySpoolFiles disk = new(seed: 3) { CapacityBytes = 100 };
        ISpoolFile file = disk.Create("s");
        file.Append(new byte[60]);
        Assert.Equal(40, disk.FreeBytes);

        DurableFileException full = Assert.Throws<DurableFileException>(() => file.Append(new byte[41]));

        Assert.True(full.IsDiskFull);
        Assert.InRange(file.LengthBytes, 60, 100);
        file.Truncate(60);
        file.Append(new byte[40]);
    }

    [Fact]
    public void After_a_failed_flush_a_later_one_says_yes_and_helps_nothing()
    {
        HashSet<int> lengths = [];
        for (int seed = 0; seed < 20; seed++)
        {
            using MemorySpoolFiles disk = new(seed)
            {
                Faults = each => each is { Kind: DiskOperationKind.Flush, Number: 1 }
                    ? DiskFault.InputOutput
                    : DiskFault.None,
            };
            ISpoolFile file = disk.Create("s");
            file.Append(new byte[10]);
            file.Flush();
            file.Append(new byte[1000]);
            Assert.Throws<DurableFileException>(file.Flush);
            file.Flush();
            disk.CutPower();
            disk.RestorePower();
            lengths.Add(Read(disk, "s").Length);
        }

        Assert.InRange(lengths.Count, 10, 20);
    }

    [Fact]
    public void The_power_can_go_in_the_middle_of_an_append()
    {
        using MemorySpoolFiles disk = new(seed: 2);
        ISpoolFile file = disk.Create("s");
        file.Append(new byte[100]);
        file.Flush();
        disk.Faults = each => each.Kind == DiskOperationKind.Append ? DiskFault.PowerCut : DiskFault.None;

        Assert.Throws<DurableFileException>(() => file.Append(new byte[100]));

        Assert.False(disk.HasPower);
        Assert.Throws<DurableFileException>(() => disk.List());
        disk.RestorePower();
        Assert.InRange(disk.List().Single().LengthBytes, 100, 199);
    }

    [Fact]
    public void Bytes_can_be_changed_as_they_stand()
    {
        using MemorySpoolFiles disk = new(seed: 1);
        Write(disk, "s", "abc"u8);
        disk.Corrupt("s", static bytes => bytes[1] ^= 1);
        Assert.Equal("acc"u8.ToArray(), Read(disk, "s"));
    }

    private static void Write(MemorySpoolFiles disk, string name, ReadOnlySpan<byte> bytes)
    {
        using ISpoolFile file = disk.Create(name);
        file.Append(bytes);
    }

    private static byte[] Read(MemorySpoolFiles disk, string name)
    {
        using ISpoolFile file = disk.Open(name);
        byte[] bytes = new byte[file.LengthBytes];
        Assert.Equal(bytes.Length, file.Read(0, bytes));
        return bytes;
    }
}
