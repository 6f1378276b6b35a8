namespace AvSdk.Recording;

/// <summary>Whether attempts to reach the gateway are made.</summary>
public enum UplinkBreakerState
{
    /// <summary>They are, as they are due.</summary>
    Closed = 0,

    /// <summary>Most have failed: none for a while.</summary>
    Open,

    /// <summary>One is under way; others follow if it succeeds.</summary>
    Probing,
}
