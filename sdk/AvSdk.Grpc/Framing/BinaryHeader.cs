namespace AvSdk.Grpc.Framing;

/// <summary>Values of <c>-bin</c> headers: base64, which receivers take with padding or without.</summary>
internal static class BinaryHeader
{
    public static string Encode(ReadOnlySpan<byte> value) => Convert.ToBase64String(value).TrimEnd('=');

    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] value)
    {
        text = text.Trim().TrimEnd('=');
        int remainder = text.Length % 4;
        value = [];
        if (remainder == 1)
            return false;
        char[] padded = new char[text.Length + ((4 - remainder) % 4)];
        text.CopyTo(padded);
        padded.AsSpan(text.Length).Fill('=');
        byte[] decoded = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64Chars(padded, decoded, out int written))
            return false;
        value = decoded[..written];
        return true;
    }
}
