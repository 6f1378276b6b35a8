namespace AvSdk.Lz4;

/// <summary>What the numbers of the levels mean, as the <c>lz4</c> command counts them.</summary>
internal static class CompressionLevel
{
    public const int Fast = 0;
    public const int HighMin = 3;
    public const int HighMax = 12;

    /// <summary>From here on the sequences are chosen by their price, below by looking ahead.</summary>
    public const int OptimalMin = 10;

    public static int Checked(int level) => level == Fast || IsHigh(level)
        ? level
        : throw new ArgumentOutOfRangeException(
            nameof(level), level, "The level is 0 (fast) or from 3 to 12 (high compression).");

    public static bool IsHigh(int level) => level is >= HighMin and <= HighMax;

    /// <summary>How many earlier places are looked at for each match.</summary>
    public static int Attempts(int level) => level switch
    {
        < OptimalMin => 1 << (level - 1),
        10 => 96,
        11 => 512,
        _ => 16_384,
    };

    /// <summary>From which length on a match is taken without weighing others.</summary>
    public static int EnoughBytes(int level) => level switch
    {
        10 => 128,
        11 => 256,
        _ => 4096,
    };
}
