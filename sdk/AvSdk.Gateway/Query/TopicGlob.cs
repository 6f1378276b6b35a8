namespace AvSdk.Gateway.Query;

/// <summary>
/// A topic, or a pattern of topics: <c>*</c> is any run of characters but '/', <c>**</c> any run, <c>?</c>
/// one character; everything else is itself. Case counts.
/// </summary>
internal sealed class TopicGlob
{
    private readonly Token[] _tokens;

    private TopicGlob(string pattern, Token[] tokens)
    {
        Pattern = pattern;
        _tokens = tokens;
    }

    private enum TokenKind
    {
        Literal,
        One,
        RunInSegment,
        Run,
    }

    public string Pattern { get; }

    public static TopicGlob Parse(string pattern)
    {
        List<Token> tokens = [];
        for (int i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*':
                    int stars = 1;
                    while (i + 1 < pattern.Length && pattern[i + 1] == '*')
                    {
                        stars++;
                        i++;
                    }

                    tokens.Add(new Token(stars == 1 ? TokenKind.RunInSegment : TokenKind.Run, '*'));
                    break;
                case '?':
                    tokens.Add(new Token(TokenKind.One, '?'));
                    break;
                default:
                    tokens.Add(new Token(TokenKind.Literal, pattern[i]));
                    break;
            }
        }

        return new TopicGlob(pattern, [.. tokens]);
    }

    /// <summary>In time of the pattern's length times the topic's, whatever the pattern.</summary>
    public bool Matches(string topic)
    {
        // reached[t]: the tokens so far can have eaten exactly the first t characters.
        bool[] reached = new bool[topic.Length + 1];
        reached[0] = true;
        foreach (Token token in _tokens)
            Step(token, topic, reached);
        return reached[topic.Length];
    }

    private static void Step(Token token, string topic, bool[] reached)
    {
        if (token.Kind is TokenKind.Run or TokenKind.RunInSegment)
        {
            for (int t = 1; t <= topic.Length; t++)
                reached[t] |= reached[t - 1] && (token.Kind == TokenKind.Run || topic[t - 1] != '/');
            return;
        }

        for (int t = topic.Length; t >= 1; t--)
            reached[t] = reached[t - 1] && (token.Kind == TokenKind.One || topic[t - 1] == token.Character);
        reached[0] = false;
    }

    private readonly record struct Token(TokenKind Kind, char Character);
}
