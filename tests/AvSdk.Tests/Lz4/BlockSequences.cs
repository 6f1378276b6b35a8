namespace AvSdk.Tests.Lz4;

/// <summary>A second, slow reader of a block's sequences, for what the decoder need not care about.</summary>
internal static class BlockSequences
{
    /// <summary>
    /// The rules of the format's last paragraph: the last sequence is literals only, the last 5 bytes are literals,
    /// and the last match begins at least 12 bytes before the end.
    /// </summary>
    public static void AssertEnd(byte[] block, int contentBytes)
    {
        int at = 0;
        int content = 0;
        int lastMatch = 0;
        int matchEnd = 0;
        while (true)
        {
            int token = block[at++];
            int literals = Length(block, ref at, token >> 4);
            at += literals;
            content += literals;
            if (at == block.Length)
                break;
            at += 2;
            lastMatch = content;
            content += Length(block, ref at, token & 15) + 4;
            matchEnd = content;
        }

        Assert.Equal(contentBytes, content);
        if (matchEnd == 0)
            return;
        Assert.InRange(contentBytes - matchEnd, 5, contentBytes);
        Assert.InRange(contentBytes - lastMatch, 12, contentBytes);
    }

    private static int Length(byte[] block, ref int at, int field)
    {
        if (field < 15)
            return field;
        int length = field;
        byte more;
        do
        {
            more = block[at++];
            length += more;
        }
        while (more == 255);
        return length;
    }
}
