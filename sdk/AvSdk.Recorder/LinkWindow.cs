namespace AvSdk.Recording;

/// <summary>Hours of a day, each day; over midnight where it ends before it begins.</summary>
/// <param name="From">Its first moment.</param>
/// <param name="To">The moment after its last; the same as <paramref name="From"/>: all day.</param>
public sealed record LinkWindow(TimeOnly From, TimeOnly To)
{
    /// <summary>Whether a time of the day is in it.</summary>
    public bool Contains(TimeOnly time) => From < To ? time >= From && time < To : time >= From || time < To;

    /// <summary><c>22:00-06:00</c>.</summary>
    public override string ToString() => $"{From:HH\\:mm}-{To:HH\\:mm}";

    /// <summary>Reads <c>22:00-06:00</c>; null: it is none.</summary>
    public static LinkWindow? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] ends = text.Split('-');
        return ends.Length == 2 && Time(ends[0]) is { } from && Time(ends[1]) is { } to ? new LinkWindow(from, to) : null;

        static TimeOnly? Time(string text) => TimeOnly.TryParseExact(
            text.Trim(), "HH:mm", System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.None, out TimeOnly time) ? time : null;
    }
}
