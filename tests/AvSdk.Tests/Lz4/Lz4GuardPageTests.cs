using System.Runtime.InteropServices;
using AvSdk.Lz4;

namespace AvSdk.Tests.Lz4;

/// <summary>
/// Buffers that begin or end at a page which may not be touched: a single byte read or written out of bounds
/// ends the process. Seeded; half of the inputs are damaged.
/// </summary>
public sealed partial class Lz4GuardPageTests : IDisposable
{
    private const int PageBytes = 4096;
    private const int RegionBytes = 256 * 1024;
    private const int Seed = 20261121;

    private readonly nint[] _regions = new nint[3];
    private readonly Random _random = new(Seed);

    [Fact]
    public void Neither_codec_touches_a_byte_outside_its_buffers()
    {
        if (!OperatingSystem.IsLinux() || Environment.SystemPageSize != PageBytes)
            Assert.Skip("needs Linux with pages of 4096 bytes");
        for (int i = 0; i < _regions.Length; i++)
            _regions[i] = MapRegion();
        for (int run = 0; run < 20_000; run++)
            Run(run);
    }

    public void Dispose()
    {
        foreach (nint region in _regions.Where(region => region != 0))
            _ = Munmap(region, RegionBytes + (2 * PageBytes));
    }

    private void Run(int run)
    {
        int bytes = _random.Next(run % 10 == 0 ? 70_000 : 300);
        Span<byte> source = Place(0, bytes);
        SampleData.Make(SampleData.Kinds[run % SampleData.Kinds.Length], bytes, run).CopyTo(source);
        int bound = Lz4Block.CompressBound(bytes);
        bool tight = run % 3 == 0;
        Span<byte> destination = Place(1, tight ? _random.Next(bound) : bound);
        int level = run % 2 == 0 ? 0 : _random.Next(3, 13);
        int blockBytes = Lz4Block.Compress(source, destination, level);
        if (blockBytes == 0)
        {
            Assert.True(tight);
            return;
        }

        byte[] block = destination[..blockBytes].ToArray();
        Check(block, source);
        for (int damage = 0; damage < 4; damage++)
        {
            block[_random.Next(blockBytes)] = damage % 2 == 0 ? (byte)255 : (byte)_random.Next(256);
            Span<byte> damaged = Place(1, blockBytes);
            block.CopyTo(damaged);
            Span<byte> content = Place(2, _random.Next((2 * bytes) + 100));
            _ = Lz4Block.Decompress(damaged, content, source, out int written);
            Assert.InRange(written, 0, content.Length);
        }
    }

    private void Check(byte[] block, ReadOnlySpan<byte> expected)
    {
        Span<byte> source = Place(1, block.Length);
        block.CopyTo(source);
        Span<byte> content = Place(2, expected.Length);
        Assert.True(Lz4Block.TryDecompress(source, content, out int written));
        Assert.Equal(expected.Length, written);
        Assert.True(content.SequenceEqual(expected));
    }

    /// <summary>
    /// A span at the very start or end of a region. Unsafe: inside the region by its length.
    /// </summary>
    private unsafe Span<byte> Place(int region, int bytes)
    {
        Assert.InRange(bytes, 0, RegionBytes);
        int offset = _random.Next(2) == 0 ? 0 : RegionBytes - bytes;
        return new Span<byte>((byte*)_regions[region] + PageBytes + offset, bytes);
    }

    private static nint MapRegion()
    {
        const int ReadWrite = 3;
        const int PrivateAnonymous = 0x22;
        nint start = Mmap(0, RegionBytes + (2 * PageBytes), ReadWrite, PrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, start);
        Assert.Equal(0, Mprotect(start, PageBytes, 0));
        Assert.Equal(0, Mprotect(start + PageBytes + RegionBytes, PageBytes, 0));
        return start;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Mmap(
        nint address, nint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Mprotect(nint address, nint bytes, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(nint address, nint bytes);
}
