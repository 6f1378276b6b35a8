namespace AvSdk.Lz4;

/// <summary>Bytes that were there before.</summary>
/// <param name="Start">The position of the first.</param>
/// <param name="Length">How many, at least 4; 0: none.</param>
/// <param name="Offset">How far before, 1 to 65,535.</param>
internal readonly record struct Match(nuint Start, nuint Length, nuint Offset)
{
    public bool IsNone => Length == 0;

    public nuint End => Start + Length;
}
