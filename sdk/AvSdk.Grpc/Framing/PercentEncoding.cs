using System.Text;

namespace AvSdk.Grpc.Framing;

/// <summary>
/// The text of <c>grpc-message</c>: UTF-8 of which everything but printable ASCII, and the percent sign, is
/// <c>%XX</c>.
/// </summary>
internal static class PercentEncoding
{
    /// <summary>
    /// Longer texts are cut: header blocks have limits, and a status must always get through.
    /// </summary>
    public const int TextCharsMax = 2048;

    public static string Encode(string text)
    {
        if (text.Length > TextCharsMax)
            text = string.Concat(text.AsSpan(0, TextCharsMax - 1), "…");
        bool isPlain = !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
        if (isPlain && !text.Contains('%', StringComparison.Ordinal))
            return text;
        StringBuilder encoded = new(text.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= 0x20 and <= 0x7E and not (byte)'%')
                encoded.Append((char)b);
            else
                encoded.Append('%').Append(Convert.ToHexString([b]));
        }

        return encoded.ToString();
    }

    /// <summary>
    /// Never fails: a percent sign without two hex digits stands for itself, as the specification asks.
    /// </summary>
    public static string Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        byte[] utf8 = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && IsHex(text[i + 1]) && IsHex(text[i + 2]))
            {
                utf8[length++] = (byte)((HexValue(text[i + 1]) << 4) | HexValue(text[i + 2]));
                i += 2;
            }
            else
            {
                length += Encoding.UTF8.GetBytes(text.AsSpan(i, 1), utf8.AsSpan(length));
            }
        }

        return Encoding.UTF8.GetString(utf8, 0, length);
    }

    private static bool IsHex(char c) => char.IsAsciiHexDigit(c);

    private static int HexValue(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}
