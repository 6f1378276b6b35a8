using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Ledger;

/// <summary>What the ledgers say.</summary>
internal static partial class LedgerLog
{
    [LoggerMessage(1301, LogLevel.Error,
        "{File} is damaged: {Problem}. It is kept aside; the ledger goes on after its {Entries} whole entries and says so.")]
    public static partial void Damaged(ILogger log, string file, string problem, int entries);

    [LoggerMessage(1302, LogLevel.Warning, "{File} could not be written; what happened is kept and tried again.")]
    public static partial void CannotWrite(ILogger log, string file, Exception error);

    [LoggerMessage(1306, LogLevel.Warning, "{File} could not be read; the gateway is told with the next connection.")]
    public static partial void CannotRead(ILogger log, string file, Exception error);

    [LoggerMessage(1303, LogLevel.Error,
        "The gateway refuses the ledger of recording {Recording}: {Reason} The spool keeps it.")]
    public static partial void Refused(ILogger log, Guid recording, string reason);

    [LoggerMessage(1304, LogLevel.Warning,
        "The gateway has entries of the ledger of recording {Recording} that are lost here: it goes on in another part.")]
    public static partial void TailLost(ILogger log, Guid recording);

    [LoggerMessage(1305, LogLevel.Warning,
        "Deleted the ledger of recording {Recording}, which no gateway has taken: ledgers fill more than {BytesMax} bytes.")]
    public static partial void Pruned(ILogger log, Guid recording, long bytesMax);
}
