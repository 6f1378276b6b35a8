using System.Buffers.Binary;

namespace AvSdk.Fuzz;

/// <summary>
/// The choices of one run: the same for the same seed and run, whatever machine, runtime or worker makes them
/// (SplitMix64).
/// </summary>
public sealed class FuzzRandom(ulong seed, long run)
{
    private static readonly ulong[] s_edges =
    [
        0, 1, 2, 3, 7, 8, 9, 15, 16, 22, 31, 64, 127, 128, 254, 255, 256, 511, 1024, 4095, 4096, 32767, 32768, 65534,
        65535, 65536, 1 << 20, int.MaxValue - 1, int.MaxValue, 1UL << 31, uint.MaxValue - 8, uint.MaxValue,
        1UL << 32, 1UL << 40, 1UL << 60, long.MaxValue - 8, long.MaxValue, 1UL << 63, ulong.MaxValue - 8, ulong.MaxValue,
    ];

    private ulong _state = Mix(seed + 0x9E3779B97F4A7C15) ^ Mix((ulong)run * 0xD1342543DE82EF95);

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>From 0 to below <paramref name="end"/>, which is at least 1.</summary>
    public int Below(int end) => (int)(((Next() >> 32) * (ulong)end) >> 32);

    /// <summary>From <paramref name="first"/> to <paramref name="last"/>.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    public bool OneIn(int times) => Below(times) == 0;

    public T Of<T>(IReadOnlyList<T> values) => values[Below(values.Count)];

    /// <summary>Small more often than large, at most <paramref name="max"/>, at least 1.</summary>
    public int Length(int max) => Math.Min(max, 1 + Below(1 << Below(13)));

    /// <summary>A number at which code likes to fail, near <paramref name="near"/> half of the time.</summary>
    public ulong Edge(ulong near) => Below(4) switch
    {
        0 => near + (ulong)Between(-9, 9),
        1 => near ^ (1UL << Below(64)),
        2 => Of(s_edges),
        _ => Of(s_edges) + (ulong)Between(-2, 2),
    };

    public byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        Span<byte> rest = bytes;
        int kind = Below(4);
        for (; rest.Length >= 8; rest = rest[8..])
            BinaryPrimitives.WriteUInt64LittleEndian(rest, kind == 0 ? 0 : kind == 1 ? Next() & 0x0F0F0F0F0F0F0F0F : Next());
        for (int i = 0; i < rest.Length; i++)
            rest[i] = (byte)Next();
        return bytes;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
