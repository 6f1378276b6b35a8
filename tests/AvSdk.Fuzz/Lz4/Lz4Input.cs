namespace AvSdk.Fuzz.Lz4;

/// <summary>An input and the good bytes that it was made of.</summary>
public sealed class Lz4Input(Lz4Seed seed) : FuzzCase(seed.Name, [.. seed.Bytes])
{
    public Lz4Seed Seed => seed;
}
