using System.Buffers.Binary;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>The bytes that codecs are measured on.</summary>
internal static class SensorBytes
{
    /// <summary>
    /// Slowly changing 16-bit samples with noise in the low bits, as of a lidar or a radar: LZ4 takes about a third off.
    /// </summary>
    public static byte[] Int16Samples(int bytes, int seed = 1)
    {
        Random random = new(seed);
        byte[] data = new byte[bytes];
        int level = 1000;
        for (int at = 0; at + 2 <= bytes; at += 2)
        {
            if (random.Next(16) == 0)
                level += random.Next(-40, 41);
            BinaryPrimitives.WriteInt16LittleEndian(data.AsSpan(at), (short)(level + (random.Next(4) == 0 ? random.Next(3) : 0)));
        }

        return data;
    }

    /// <summary>The real drive beside the repository, or null.</summary>
    public static string? DriveFile()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "..", "shared", "drives", "rav4_60s.uncompressed.mcap");
            if (File.Exists(Path.Combine(at.FullName, "AvSdk.sln")))
                return File.Exists(path) ? Path.GetFullPath(path) : null;
        }

        return null;
    }
}
