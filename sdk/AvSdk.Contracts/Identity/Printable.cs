namespace AvSdk.Contracts.Identity;

/// <summary>What goes into a message to a person is short and printable, whatever came.</summary>
internal static class Printable
{
    /// <summary>The beginning of a text, <c>?</c> for each control character.</summary>
    public static string Begin(ReadOnlySpan<char> text, int charactersMax) =>
        string.Create(Math.Min(text.Length, charactersMax), text, static (shown, text) =>
        {
            for (int at = 0; at < shown.Length; at++)
                shown[at] = char.IsControl(text[at]) ? '?' : text[at];
        });
}
