using AvSdk.Lz4;

namespace AvSdk.Tests.Lz4;

/// <summary>Both ways with the <c>lz4</c> command of the reference implementation.</summary>
public class Lz4InteropTests
{
    [Theory]
    [InlineData("-1")]
    [InlineData("-1 -B4")]
    [InlineData("-1 -B5 -BX")]
    [InlineData("-1 -B6 -BD")]
    [InlineData("-1 -B7 --no-frame-crc")]
    [InlineData("-1 -B4 -BD -BX --content-size")]
    [InlineData("-9")]
    [InlineData("-9 -B4 -BD")]
    [InlineData("-12 --favor-decSpeed -B5")]
    public async Task What_the_command_compresses_is_read(string arguments)
    {
        foreach (string kind in SampleData.Kinds)
        {
            foreach (int bytes in (int[])[0, 10, 700_000])
            {
                byte[] source = SampleData.Make(kind, bytes);
                byte[] frame = await Lz4Command.CompressFileAsync(arguments, source);
                Assert.Equal(source, Lz4FrameTests.Decompress(frame));
            }
        }
    }

    [Fact]
    public async Task The_command_reads_what_every_combination_of_flags_writes()
    {
        byte[] source = [.. SampleData.Make("mixed", 400_000), .. SampleData.Make("sensor", 900_000)];
        foreach (TheoryDataRow<int, bool, bool, bool, bool> row in Lz4FrameTests.Flags)
        {
            (int size, bool linked, bool blockChecksums, bool contentChecksum, bool contentSize) = row.Data;
            byte[] frame = Lz4FrameTests.Compress(source, new Lz4FrameOptions
            {
                BlockSize = (Lz4BlockSize)size,
                LinkedBlocks = linked,
                BlockChecksums = blockChecksums,
                ContentChecksum = contentChecksum,
                WriteContentSize = contentSize,
            });
            // One frame a call: lz4 1.9.4 reads nothing behind a frame with block checksums and no content
            // checksum.
            Assert.Equal(source, await Lz4Command.RunAsync("-d -c", frame));
        }
    }

    [Theory]
    [MemberData(nameof(Lz4HighTests.Levels), MemberType = typeof(Lz4HighTests))]
    public async Task The_command_reads_what_every_level_writes(int level)
    {
        byte[] source = [.. SampleData.Make("mixed", 200_000), .. SampleData.Make("sensor", 200_000)];
        foreach (bool linked in (bool[])[false, true])
        {
            byte[] frame = Lz4FrameTests.Compress(source, new Lz4FrameOptions
            {
                BlockSize = Lz4BlockSize.Max64KiB,
                LinkedBlocks = linked,
                Level = level,
            });
            await Lz4Command.RunAsync("-t", frame);
            Assert.Equal(source, await Lz4Command.RunAsync("-d -c", frame));
        }
    }

    [Theory]
    [MemberData(nameof(Lz4HighTests.Levels), MemberType = typeof(Lz4HighTests))]
    public async Task The_size_at_a_level_is_within_one_percent_of_the_command_s(int level)
    {
        foreach (string kind in SampleData.Kinds)
            await CompareAsync(SampleData.Make(kind, 500_000), level);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(12)]
    public async Task The_size_of_a_real_drive_at_a_level_is_within_one_percent_of_the_command_s(int level)
    {
        string path = SharedFiles.Require("drives", "rav4_60s.uncompressed.mcap");
        byte[] source = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await CompareAsync(source[..2_000_000], level);
        await CompareAsync(source[^2_000_000..], level);
    }

    private static async Task CompareAsync(byte[] source, int level)
    {
        foreach (bool linked in (bool[])[false, true])
        {
            byte[] theirs = await Lz4Command.CompressFileAsync($"-{level} -B5{(linked ? " -BD" : "")}", source);
            byte[] ours = Lz4FrameTests.Compress(
                source, new Lz4FrameOptions { BlockSize = Lz4BlockSize.Max256KiB, LinkedBlocks = linked, Level = level });
            Assert.InRange(ours.Length, 1, (theirs.Length * 1.01) + 16);
        }
    }

    [Fact]
    public async Task The_command_s_legacy_format_is_named_in_the_error()
    {
        byte[] legacy = await Lz4Command.CompressFileAsync("-l", SampleData.Make("text", 1000));
        Lz4Result result = Lz4Frame.TryDecompress(legacy, new byte[1000], out _, out _);
        Assert.Equal(Lz4Error.LegacyFrame, result.Error);
    }

    [Theory]
    [InlineData("text", Lz4BlockSize.Max64KiB)]
    [InlineData("sensor", Lz4BlockSize.Max64KiB)]
    [InlineData("mixed", Lz4BlockSize.Max64KiB)]
    [InlineData("text", Lz4BlockSize.Max4MiB)]
    [InlineData("sensor", Lz4BlockSize.Max4MiB)]
    [InlineData("mixed", Lz4BlockSize.Max4MiB)]
    public async Task The_size_is_within_one_percent_of_the_command_s(string kind, Lz4BlockSize size)
    {
        byte[] source = SampleData.Make(kind, 3_000_000);
        byte[] theirs = await Lz4Command.CompressFileAsync($"-1 -B{(int)size}", source);
        byte[] ours = Lz4FrameTests.Compress(source, new Lz4FrameOptions { BlockSize = size });
        Assert.InRange(ours.Length, 1, theirs.Length * 1.01);
    }

    [Theory]
    [InlineData(Lz4BlockSize.Max64KiB)]
    [InlineData(Lz4BlockSize.Max4MiB)]
    public async Task The_size_of_a_real_drive_is_within_one_percent_of_the_command_s(Lz4BlockSize size)
    {
        string path = SharedFiles.Require("drives", "rav4_60s.uncompressed.mcap");
        byte[] source = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        byte[] theirs = await Lz4Command.CompressFileAsync($"-1 -B{(int)size}", source);
        byte[] ours = Lz4FrameTests.Compress(source, new Lz4FrameOptions { BlockSize = size });
        Assert.InRange(ours.Length, 1, theirs.Length * 1.01);
        Assert.Equal(source, Lz4FrameTests.Decompress(ours, source.Length));
    }
}
