using System.Globalization;

namespace AvSdk.Mcap.Tool.Outputs;

/// <summary>A size as it is given on the command line: <c>4MiB</c>, <c>500k</c>, <c>1048576</c>.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, long Bytes)[] s_units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("k", 1000), ("M", 1_000_000), ("G", 1_000_000_000),
        ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("", 1),
    ];

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        string number = text.TrimEnd("KMGiBk".ToCharArray());
        long factor = s_units.FirstOrDefault(unit => unit.Unit == text[number.Length..]).Bytes;
        if (factor == 0
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || count > long.MaxValue / factor)
        {
            return false;
        }

        bytes = count * factor;
        return true;
    }
}
