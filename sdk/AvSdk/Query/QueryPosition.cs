using System.Globalization;

namespace AvSdk.Query;

/// <summary>
/// A place between two messages of a reading. <see cref="AvQuery.After"/> goes on from it, also in another
/// process: nothing is repeated and nothing is left out, because the position pins the chunks that the
/// reading is over.
/// </summary>
/// <remarks>
/// Chunks that arrived at the gateway after the reading began are not in it; a new query finds them.
/// Its text (<see cref="ToString"/>, <see cref="Parse"/>) is <c>p1:as_of:log_time:count:query</c> in decimal,
/// the last in hexadecimal.
/// </remarks>
/// <param name="AsOf">The gateway's ordinal of the newest chunk that the reading sees.</param>
/// <param name="LogTime">The log time of the last message read, ns; 0 where none was.</param>
/// <param name="CountAtLogTime">How many messages of that very log time were read.</param>
/// <param name="QueryFingerprint">Says which query it is a position of.</param>
public sealed record QueryPosition(ulong AsOf, ulong LogTime, ulong CountAtLogTime, ulong QueryFingerprint)
{
    private const string Version = "p1";
    private const int Fields = 5;

    /// <summary>The text to keep; <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Version}:{AsOf}:{LogTime}:{CountAtLogTime}:{QueryFingerprint:x16}");

    /// <summary>Reads the text that <see cref="ToString"/> wrote.</summary>
    /// <exception cref="AvQueryException">It is no such text.</exception>
    public static QueryPosition Parse(string text) =>
        TryParse(text, out QueryPosition? position)
            ? position
            : throw new AvQueryException(AvQueryError.Position,
                $"'{text}' is no position of a query; it has the form {Version}:as_of:log_time:count:query.");

    /// <summary>Reads the text that <see cref="ToString"/> wrote; false where it is no such text.</summary>
    public static bool TryParse(
        string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out QueryPosition? position)
    {
        position = null;
        string[] fields = text?.Split(':') ?? [];
        if (fields.Length != Fields || fields[0] != Version
            || !ulong.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong asOf)
            || !ulong.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong logTime)
            || !ulong.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out ulong count)
            || !ulong.TryParse(fields[4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out ulong query))
        {
            return false;
        }

        position = new QueryPosition(asOf, logTime, count, query);
        return true;
    }
}
