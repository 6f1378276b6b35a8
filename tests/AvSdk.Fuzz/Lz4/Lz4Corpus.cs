using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using AvSdk.Lz4;

namespace AvSdk.Fuzz.Lz4;

/// <summary>
/// Frames and blocks of ours with every option, and, where the <c>lz4</c> command is, frames of its making. In one order
/// everywhere; the command's come last, so that they replay where it is.
/// </summary>
public static class Lz4Corpus
{
    public static IReadOnlyList<Lz4Seed> Load()
    {
        List<(string Name, byte[] Bytes)> contents = Contents();
        List<Lz4Seed> seeds = [];
        foreach ((string name, byte[] content) in contents)
        {
            foreach (Lz4FrameOptions options in Options())
                seeds.Add(Frame($"frame-{name}-{seeds.Count}", content, options));
            seeds.Add(Block($"block-{name}", content, 0));
            seeds.Add(Block($"block-9-{name}", content, 9));
        }

        Lz4Seed first = seeds[0];
        byte[] skippable = [0x5A, 0x2A, 0x4D, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5];
        seeds.Add(first with { Name = "skippable-first", Bytes = [.. skippable, .. first.Bytes] });
        seeds.Add(first with
        {
            Name = "two-frames",
            Bytes = [.. first.Bytes, .. skippable, .. first.Bytes],
            Content = [.. first.Content, .. first.Content],
        });
        foreach ((string name, byte[] content) in contents)
        {
            foreach (string flags in new[] { "-1 -B4 -BD", "-9 -B4 --no-frame-crc", "-1 -B5 -BX --content-size" })
            {
                if (ByCommand(content, flags) is byte[] frame)
                    seeds.Add(new Lz4Seed($"command-{name} {flags}", frame, content, false));
            }
        }

        return seeds;
    }

    private static List<(string, byte[])> Contents()
    {
        FuzzRandom random = new(42, 0);
        byte[] text = Encoding.UTF8.GetBytes(string.Join(' ',
            Enumerable.Range(0, 300).Select(i => i % 7 == 0 ? $"wheel_{i}" : "speed angle torque".Split(' ')[i % 3])));
        byte[] samples = new byte[3000];
        for (int i = 0; i < samples.Length / 2; i++)
            BinaryPrimitives.WriteInt16LittleEndian(samples.AsSpan(i * 2), (short)(i % 50 * 13));
        byte[] noise = new byte[700];
        for (int i = 0; i < noise.Length; i++)
            noise[i] = (byte)random.Next();
        byte[] far = [.. noise, .. new byte[66_000], .. noise];
        return
        [
            ("empty", []), ("one", [7]), ("short", "hello hello hello"u8.ToArray()), ("text", text),
            ("samples", samples), ("noise", noise), ("zeros", new byte[5000]), ("far", far),
        ];
    }

    private static IEnumerable<Lz4FrameOptions> Options()
    {
        Lz4FrameOptions plain = Lz4FrameOptions.Default;
        yield return plain;
        yield return plain with { BlockSize = Lz4BlockSize.Max64KiB, LinkedBlocks = true };
        yield return plain with { BlockSize = Lz4BlockSize.Max64KiB, BlockChecksums = true, ContentChecksum = false };
        yield return plain with { WriteContentSize = false, ContentChecksum = false };
        yield return plain with { Level = 9, BlockChecksums = true, LinkedBlocks = true, BlockSize = Lz4BlockSize.Max64KiB };
    }

    private static Lz4Seed Frame(string name, byte[] content, Lz4FrameOptions options)
    {
        byte[] frame = new byte[Lz4Frame.CompressBound(content.Length, options)];
        return new Lz4Seed(name, frame[..Lz4Frame.Compress(content, frame, options)], content, false);
    }

    private static Lz4Seed Block(string name, byte[] content, int level)
    {
        byte[] block = new byte[Lz4Block.CompressBound(content.Length)];
        return new Lz4Seed(name, block[..Lz4Block.Compress(content, block, level)], content, true);
    }

    private static byte[]? ByCommand(byte[] content, string flags)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("lz4", $"-c -q {flags}")
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            using MemoryStream output = new();
            Task reading = process.StandardOutput.BaseStream.CopyToAsync(output);
            process.StandardInput.BaseStream.Write(content);
            process.StandardInput.Close();
            reading.Wait();
            process.WaitForExit();
            return process.ExitCode == 0 && output.Length > 0 ? output.ToArray() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
