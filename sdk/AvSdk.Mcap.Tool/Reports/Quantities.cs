using System.Globalization;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>Numbers as a person reads them.</summary>
internal static class Quantities
{
    public static string Count(ulong value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>For example <c>1 chunk</c>, <c>2 chunks</c>; for a word whose plural has an s.</summary>
    public static string Of(long count, string word) => $"{Count(count)} {word}{(count == 1 ? "" : "s")}";

    /// <summary>MB are 10⁶ bytes.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        < 1e3 => string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B"),
        < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        < 1e9 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB"),
    };

    public static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Share(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    public static string Hertz(double? hertz) => hertz?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-";
}
