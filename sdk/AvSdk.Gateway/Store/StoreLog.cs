using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Store;

internal static partial class StoreLog
{
    [LoggerMessage(7301, LogLevel.Warning,
        "Pack {Pack} was given up after an error; a new one is begun, and what has no row is sent again")]
    public static partial void PackAbandoned(ILogger logger, PackId pack, Exception failure);

    [LoggerMessage(7302, LogLevel.Warning, "Pack {Pack} could not be repaired and is tried again later")]
    public static partial void RepairFailed(ILogger logger, PackId pack, Exception failure);

    [LoggerMessage(7303, LogLevel.Information, "Pack {Pack} was left open and is whole again")]
    public static partial void PackRepaired(ILogger logger, PackId pack);

    [LoggerMessage(7304, LogLevel.Information,
        "Pack {Pack} was left open without a chunk that has a row; removed")]
    public static partial void PackRemoved(ILogger logger, PackId pack);

    [LoggerMessage(7305, LogLevel.Warning, "Pack {Pack} could not be sealed; it is repaired later")]
    public static partial void SealFailed(ILogger logger, PackId pack, Exception failure);

    [LoggerMessage(7306, LogLevel.Warning, "Pack {Pack}, given up, could not be closed; it is repaired so")]
    public static partial void CloseFailed(ILogger logger, PackId pack, Exception failure);
}
