using System.Text;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>The kinds of bytes that decide how fast an LZ4 codec is, each with another mix of sequences.</summary>
internal static class CodecData
{
    public const int BlockBytes = 4 << 20;

    /// <summary>Key, name and 4 MiB of each kind.</summary>
    public static IEnumerable<(string Key, string Name, byte[] Bytes)> All()
    {
        yield return ("samples", "int16 samples", SensorBytes.Int16Samples(BlockBytes));
        if (SensorBytes.DriveFile() is { } drive)
            yield return ("drive", "a real drive", File.ReadAllBytes(drive).AsSpan(0, BlockBytes).ToArray());
        yield return ("json", "JSON lines", Json());
        yield return ("runs", "long runs", Runs());
        yield return ("short_offsets", "short matches, offsets 1 to 7", Periods());
        yield return ("short_literals", "short literals, short matches", Words());
        yield return ("noise", "noise", Noise());
        yield return ("zeros", "zeros", new byte[BlockBytes]);
    }

    private static byte[] Json()
    {
        Random random = new(2);
        StringBuilder text = new();
        double speed = 12;
        for (long time = 1_700_000_000_000; text.Length < BlockBytes; time += 10)
        {
            speed += random.NextDouble() - 0.5;
            text.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"{{\"time\":{time},\"speed_mps\":{speed:0.000},\"brake\":{(random.Next(9) == 0 ? "true" : "false")},\"steering_deg\":{random.NextDouble() * 30 - 15:0.00},\"gear\":{random.Next(1, 7)}}}\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, BlockBytes));
    }

    /// <summary>Runs of 100 to 5000 equal bytes.</summary>
    private static byte[] Runs()
    {
        Random random = new(3);
        byte[] data = new byte[BlockBytes];
        for (int at = 0; at < data.Length;)
        {
            int take = Math.Min(random.Next(100, 5000), data.Length - at);
            data.AsSpan(at, take).Fill((byte)random.Next(256));
            at += take;
        }

        return data;
    }

    /// <summary>A period of 1 to 7 new bytes, repeated for 8 to 24 bytes, and again.</summary>
    private static byte[] Periods()
    {
        Random random = new(4);
        byte[] data = new byte[BlockBytes];
        for (int at = 0; at < data.Length;)
        {
            int period = random.Next(1, 8);
            int end = Math.Min(at + period + random.Next(8, 25), data.Length);
            random.NextBytes(data.AsSpan(at, Math.Min(period, end - at)));
            for (at += period; at < end; at++)
                data[at] = data[at - period];
            at = end;
        }

        return data;
    }

    /// <summary>One of 500 words of 4 to 9 bytes, then 0 to 4 new bytes: a sequence every ten bytes.</summary>
    private static byte[] Words()
    {
        Random random = new(5);
        byte[][] words = new byte[500][];
        for (int i = 0; i < words.Length; i++)
            random.NextBytes(words[i] = new byte[random.Next(4, 10)]);
        byte[] data = new byte[BlockBytes + 16];
        for (int at = 0; at < BlockBytes;)
        {
            byte[] word = words[random.Next(words.Length)];
            word.CopyTo(data, at);
            at += word.Length;
            int fresh = random.Next(5);
            random.NextBytes(data.AsSpan(at, Math.Min(fresh, data.Length - at)));
            at += fresh;
        }

        return data[..BlockBytes];
    }

    private static byte[] Noise()
    {
        byte[] data = new byte[BlockBytes];
        new Random(6).NextBytes(data);
        return data;
    }
}
