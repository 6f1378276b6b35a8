namespace AvSdk.Recording;

/// <summary>How a message is missing.</summary>
public enum MessageEnd
{
    /// <summary>It is in no chunk.</summary>
    Dropped = 0,

    /// <summary>Its chunk was deleted from the spool without a receipt, to make room.</summary>
    Evicted,

    /// <summary>Its chunk was rejected by the gateway, or its bytes are lost.</summary>
    Damaged,
}
