namespace AvSdk.Contracts.Identity;

/// <summary>What somebody who connects to a gateway is.</summary>
public enum PeerKind
{
    /// <summary>Writes its own recordings, and reads nothing.</summary>
    Vehicle,

    /// <summary>Reads what all vehicles recorded, and writes nothing.</summary>
    Client,
}
