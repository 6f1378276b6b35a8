namespace AvSdk.Recording.Ledger;

/// <summary>What is to be written of what happened.</summary>
internal enum LedgerDue
{
    /// <summary>A second is over: what the pace and the budget allow.</summary>
    Tick,

    /// <summary>Somebody waits: losses, if there are any.</summary>
    Losses,

    /// <summary>Everything.</summary>
    All,
}
