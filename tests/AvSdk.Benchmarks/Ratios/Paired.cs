namespace AvSdk.Benchmarks.Ratios;

/// <summary>What <see cref="Pair"/> found.</summary>
/// <param name="Ours">Theirs, times the median of the rounds' ratios.</param>
/// <param name="Theirs">The median of their rounds.</param>
/// <param name="Low">A quarter of the rounds had a smaller ratio.</param>
/// <param name="High">A quarter of the rounds had a greater ratio.</param>
internal readonly record struct Paired(double Ours, double Theirs, double Low, double High)
{
    public Ratio As(string key, string path, string unit, string peer) => new(key, path, Ours, unit, peer, Theirs) { Low = Low, High = High };

    public void Deconstruct(out double ours, out double theirs) => (ours, theirs) = (Ours, Theirs);
}
