namespace AvSdk.Contracts.Carrier;

/// <summary>What a publication that arrived is to its stream.</summary>
public enum CarrierArrival
{
    /// <summary>The next one: to be taken in turn.</summary>
    Next,

    /// <summary>Only word of what the other end took, which is noted.</summary>
    Word,

    /// <summary>It came before, or after the end: to be passed over.</summary>
    Duplicate,

    /// <summary>It is of another stream: to be passed over.</summary>
    Stranger,

    /// <summary>At least one before it is lost: the stream is over.</summary>
    Gap,

    /// <summary>It breaks the protocol: the stream is over.</summary>
    Wrong,
}
