using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Reading;

public sealed class MappedSourceTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"avsdk-mapped-{Guid.NewGuid():n}.mcap");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("")]
    [InlineData("lz4")]
    public void A_mapped_file_is_read_without_renting_memory_for_what_stands_in_the_file(string compression)
    {
        RandomDrive drive = RandomDrive.Write(new Random(5), 500, 2000, 1000,
            compression == "" ? ChunkCompression.None : ChunkCompression.Lz4);
        File.WriteAllBytes(_path, drive.Bytes);
        using MappedSource source = new(_path);
        Assert.Equal(drive.Bytes.Length, source.Length);
        CountingPool pool = new();
        using McapIndexedReader reader = McapIndexedReader.Open(source, new McapReadOptions { Pool = pool });
        Assert.Equal(
            ReadOrderTests.InOrder(drive.Messages, McapOrder.LogTime), RandomDrive.Read(reader.Read(McapQuery.All)));
        Assert.Equal(0, pool.Rented);
        if (compression == "")
            Assert.Equal(0, pool.RentedMax);
        Assert.InRange(pool.RentedMax, 0, reader.Chunks.Sum(c => (long)c.UncompressedSize));
    }

    [Fact]
    public void Every_range_gives_the_files_bytes_and_no_more()
    {
        byte[] bytes = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 7))];
        File.WriteAllBytes(_path, bytes);
        using MappedSource source = new(_path);
        foreach (long offset in new[] { 0L, 1, 4095, 4096, 9_999, 10_000, 10_001, long.MaxValue })
        {
            foreach (int count in new[] { 0, 1, 4096, 20_000, int.MaxValue })
            {
                byte[] expected = [.. bytes.Skip((int)Math.Min(offset, 20_000)).Take(count)];
                using McapBytes got = source.Borrow(offset, count);
                Assert.Equal(expected, got.Memory.ToArray());
                byte[] copy = new byte[Math.Min(count, 30_000)];
                Assert.Equal(expected.Length, source.ReadAt(offset, copy));
                Assert.Equal(expected, copy[..expected.Length]);
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => source.Borrow(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Borrow(1, -1));
    }

    [Fact]
    public void What_was_borrowed_stays_readable_after_the_source_is_closed_and_not_after_it_was_given_back()
    {
        File.WriteAllBytes(_path, "0123456789"u8.ToArray());
        MappedSource source = new(_path);
        McapBytes bytes = source.Borrow(2, 3);
        source.Dispose();
        Assert.Equal("234"u8.ToArray(), bytes.Memory.ToArray());
        ReadOnlyMemory<byte> memory = bytes.Memory;
        bytes.Dispose();
        bytes.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => source.Borrow(0, 1));
        source.Dispose();
    }

    [Fact]
    public void An_empty_file_is_said_to_be_one()
    {
        File.WriteAllBytes(_path, []);
        using MappedSource source = new(_path);
        Assert.Equal(0, source.Length);
        McapException thrown = Assert.Throws<McapException>(() => McapIndexedReader.Open(source));
        Assert.Equal(McapErrorKind.Truncated, thrown.Error.Kind);
        Assert.Throws<FileNotFoundException>(() => new MappedSource(_path + ".not"));
    }

    [Fact]
    public void A_message_at_hand_may_be_used_while_the_reader_is_closed()
    {
        File.WriteAllBytes(_path, SmallFile.Write(ChunkCompression.None));
        MappedSource source = new(_path);
        using McapIndexedReader reader = McapIndexedReader.Open(source);
        using McapMessageCursor cursor = reader.Read(McapQuery.All);
        Assert.True(cursor.MoveNext());
        source.Dispose();
        Assert.Equal(SmallFile.Payload(0), cursor.Current.Data.ToArray());
        while (TryMove(cursor))
            Assert.Equal(24, cursor.Current.Data.Length);

        static bool TryMove(McapMessageCursor cursor)
        {
            try
            {
                return cursor.MoveNext();
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }
}
