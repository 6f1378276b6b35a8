namespace AvSdk.Query;

/// <summary>Why a query cannot be answered.</summary>
public enum AvQueryError
{
    /// <summary>The end of the time range is before its start. Found before anything is sent.</summary>
    TimeRange,

    /// <summary>No selected recording has such a topic.</summary>
    UnknownTopic,

    /// <summary>The topic carries another type than the one asked for.</summary>
    TypeMismatch,

    /// <summary>The gateway cannot be reached, or was lost and did not come back in time.</summary>
    GatewayUnavailable,

    /// <summary>The gateway is there and refuses.</summary>
    GatewayRefused,

    /// <summary>A chunk is not what the vehicle recorded: its hash, checksum or structure is wrong.</summary>
    DamagedChunk,

    /// <summary>A payload is not what its schema says.</summary>
    DamagedMessage,

    /// <summary>An answer is larger than this client's limits.</summary>
    OverLimit,

    /// <summary>
    /// The gateway answered against the protocol: it, or this client, is of another version.
    /// </summary>
    Protocol,

    /// <summary>A position of another query, or none at all.</summary>
    Position,
}
