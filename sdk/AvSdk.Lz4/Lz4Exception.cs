namespace AvSdk.Lz4;

/// <summary>
/// LZ4 data that cannot be decoded, where an interface leaves no room for a result (a stream).
/// </summary>
/// <param name="result">What is wrong, and where.</param>
public sealed class Lz4Exception(Lz4Result result) : IOException(result.Message)
{
    /// <summary>What is wrong: error, offset, expected, found.</summary>
    public Lz4Result Result { get; } = result;
}
