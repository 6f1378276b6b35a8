using System.Text;

namespace AvSdk.Tests.Lz4;

/// <summary>Seeded inputs of the kinds a compressor meets.</summary>
internal static class SampleData
{
    public static readonly string[] Kinds = ["zeros", "noise", "text", "sensor", "ramp", "mixed"];

    public static byte[] Make(string kind, int bytes, int seed = 1)
    {
        Random random = new(seed);
        byte[] data = new byte[bytes];
        switch (kind)
        {
            case "zeros":
                break;
            case "noise":
                random.NextBytes(data);
                break;
            case "text":
                FillText(data, random);
                break;
            case "sensor":
                FillSensor(data, random);
                break;
            case "ramp":
                for (int i = 0; i < bytes; i++)
                    data[i] = (byte)(i % 7 * 3);
                break;
            case "mixed":
                for (int at = 0, i = 0; at < bytes; i++)
                {
                    int take = Math.Min(random.Next(1, 40_000), bytes - at);
                    Make(Kinds[i % 5], take, random.Next()).CopyTo(data, at);
                    at += take;
                }

                break;
            default:
                throw new ArgumentException(kind);
        }

        return data;
    }

    private static void FillText(byte[] data, Random random)
    {
        string[] words = ["brake", "lane", "camera", "of", "veh-042", "\n", "steer", "=", "0.125", "up"];
        StringBuilder text = new();
        while (text.Length < data.Length)
            text.Append(words[random.Next(words.Length)]).Append(' ');
        Encoding.ASCII.GetBytes(text.ToString().AsSpan(0, data.Length), data);
    }

    /// <summary>16-bit samples of a slow wave with a little noise: few and short matches.</summary>
    private static void FillSensor(byte[] data, Random random)
    {
        for (int i = 0; i + 1 < data.Length; i += 2)
        {
            short sample = (short)((1500 * Math.Sin(i / 900.0)) + random.Next(-6, 7));
            BitConverter.TryWriteBytes(data.AsSpan(i), sample);
        }
    }
}
