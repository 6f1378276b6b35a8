namespace AvSdk.Query;

/// <summary>Whether a gateway has a recording's ledger.</summary>
public enum LedgerPresence
{
    /// <summary>It has none: an older recorder, or an index that was rebuilt and has not been told again.</summary>
    Absent = 0,

    /// <summary>The recording's end is not in it yet.</summary>
    Open,

    /// <summary>The recording's end is in it.</summary>
    Ended,
}
