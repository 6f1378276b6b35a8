namespace AvSdk.Recording;

/// <summary>
/// Whether a topic fits a glob: <c>*</c> is any run of characters but '/', <c>**</c> any run, <c>?</c> one.
/// </summary>
internal static class TopicGlob
{
    public static bool Fits(ReadOnlySpan<char> glob, ReadOnlySpan<char> topic)
    {
        while (!glob.IsEmpty)
        {
            if (glob[0] == '*')
            {
                bool deep = glob.Length > 1 && glob[1] == '*';
                ReadOnlySpan<char> rest = glob[(deep ? 2 : 1)..];
                for (int skipped = 0; ; skipped++)
                {
                    if (Fits(rest, topic[skipped..]))
                        return true;
                    if (skipped == topic.Length || (!deep && topic[skipped] == '/'))
                        return false;
                }
            }

            if (topic.IsEmpty || (glob[0] != '?' ? glob[0] != topic[0] : topic[0] == '/'))
                return false;
            glob = glob[1..];
            topic = topic[1..];
        }

        return topic.IsEmpty;
    }
}
