namespace AvSdk.Mqtt.Packets;

/// <summary>Numbers of one to four bytes, seven bits each, least first (MQTT 5, section 1.5.5).</summary>
internal static class VariableInt
{
    public const int Max = 268_435_455;

    /// <summary>
    /// The length of the number at the start of the input; 0: more bytes are needed; -1: no such number, or in
    /// more bytes than it needs.
    /// </summary>
    public static int TryRead(ReadOnlySpan<byte> input, out int value)
    {
        value = 0;
        for (int i = 0; i < 4; i++)
        {
            if (i == input.Length)
                return 0;
            value |= (input[i] & 0x7F) << (7 * i);
            if (input[i] < 0x80)
                return i > 0 && input[i] == 0 ? -1 : i + 1;
        }

        return -1;
    }

    public static int Bytes(int value) => value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;

    /// <summary>Writes the number; returns its length.</summary>
    public static int Write(Span<byte> destination, int value)
    {
        int at = 0;
        for (; value >= 0x80; value >>= 7)
            destination[at++] = (byte)(value | 0x80);
        destination[at] = (byte)value;
        return at + 1;
    }
}
