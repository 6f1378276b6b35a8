using System.Text;

namespace AvSdk.Mqtt;

/// <summary>Which texts are topic names and topic filters (MQTT 5, section 4.7).</summary>
public static class MqttTopic
{
    /// <summary>The longest name and the longest filter, bytes of UTF-8.</summary>
    public const int BytesMax = 65_535;

    /// <summary>Whether a message can be published to it: not empty, no wildcard, no U+0000.</summary>
    public static bool IsName(ReadOnlySpan<char> topic)
        => IsText(topic) && topic.IndexOfAny('+', '#') < 0;

    /// <summary>
    /// Whether it can be subscribed to: <c>+</c> stands for one whole level, <c>#</c> for the rest and last;
    /// <c>$share/group/filter</c> shares the messages among the subscribers of the group.
    /// </summary>
    public static bool IsFilter(ReadOnlySpan<char> filter)
    {
        const string shared = "$share/";
        if (!IsText(filter))
            return false;
        if (!filter.StartsWith(shared, StringComparison.Ordinal))
            return filter is not "$share" && HasWildcardsInPlace(filter);
        ReadOnlySpan<char> rest = filter[shared.Length..];
        int groupChars = rest.IndexOf('/');
        return groupChars > 0 && rest[..groupChars].IndexOfAny('+', '#') < 0
            && rest.Length > groupChars + 1 && HasWildcardsInPlace(rest[(groupChars + 1)..]);
    }

    /// <summary>Whether a shared subscription: the messages go to one of the group each.</summary>
    public static bool IsShared(ReadOnlySpan<char> filter)
        => filter.StartsWith("$share/", StringComparison.Ordinal) && IsFilter(filter);

    private static bool HasWildcardsInPlace(ReadOnlySpan<char> filter)
    {
        for (int i = filter.IndexOfAny('+', '#'); i >= 0 && i < filter.Length; i++)
        {
            if (filter[i] is not ('+' or '#'))
                continue;
            bool isAlone = (i == 0 || filter[i - 1] == '/') && (i == filter.Length - 1 || filter[i + 1] == '/');
            if (!isAlone || (filter[i] == '#' && i != filter.Length - 1))
                return false;
        }

        return true;
    }

    private static bool IsText(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Contains('\0') || !IsWellFormed(text))
            return false;
        return text.Length <= BytesMax / 3 || Encoding.UTF8.GetByteCount(text) <= BytesMax;
    }

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        for (int at = text.IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0 && at < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text[at..], out _, out int chars) != System.Buffers.OperationStatus.Done)
                return false;
            at += chars;
        }

        return true;
    }
}
