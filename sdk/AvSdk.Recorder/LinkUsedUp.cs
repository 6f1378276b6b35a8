namespace AvSdk.Recording;

/// <summary>What goes over a link whose budget is used up; it is counted, beyond the budget.</summary>
public enum LinkUsedUp
{
    /// <summary>Nothing: the connection is closed until the day or the month is over.</summary>
    Nothing = 0,

    /// <summary>What is there to be had: recordings, headers of chunks and the ledger, and no chunk.</summary>
    Catalogue,

    /// <summary>That, and the chunks that were marked or asked for.</summary>
    Marked,
}
