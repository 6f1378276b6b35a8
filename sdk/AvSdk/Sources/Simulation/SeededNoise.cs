namespace AvSdk.Sources.Simulation;

/// <summary>
/// A small seeded generator (SplitMix64). Its numbers are the same on every runtime and processor, which
/// <see cref="Random"/> does not promise.
/// </summary>
internal sealed class SeededNoise
{
    private ulong _state;

    /// <param name="seed">The drive's seed.</param>
    /// <param name="stream">What the numbers are for: streams of one seed do not depend on each
    /// other.</param>
    public SeededNoise(ulong seed, string stream)
    {
        _state = seed;
        foreach (char each in stream)
            _state = Mix(_state ^ each);
    }

    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>From 0 (inclusive) to 1 (exclusive).</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double Uniform(double from, double to) => from + ((to - from) * Uniform());

    public int Below(int bound) => (int)(Next() % (uint)bound);

    /// <summary>
    /// Mean 0, standard deviation 1, never beyond 3.5: the sum of four uniform 16-bit numbers, since a true
    /// Gaussian needs logarithms, which differ between mathematics libraries in the last bit.
    /// </summary>
    public double Gaussian()
    {
        ulong bits = Next();
        ulong sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        const double Mean = 2 * 65535.0;
        const double PerDeviation = 1 / 37837.2; // 65536 · √(4/12)
        return (sum - Mean) * PerDeviation;
    }

    /// <summary>
    /// Spreads a number's bits; for values that must depend on a place, not on the order of calls.
    /// </summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
