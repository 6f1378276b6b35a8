namespace AvSdk.Simulation;

/// <summary>What is done to the product, and counted.</summary>
internal enum Fault
{
    /// <summary>Nothing: an event worth a line in the trace.</summary>
    None,

    // The car.
    PowerCut,
    Killed,
    Stopped,
    WriteFailed,
    ReadFailed,
    FlushFailed,
    NameFailed,
    DiskFull,
    BitRot,
    ClockJump,

    // The network.
    LinkCut,
    LinkDown,
    Doubled,
    Datagrams,

    // The gateway.
    GatewayKilled,
    GatewayPowerCut,
    GatewayStopped,
    GatewayPortFailed,
    GatewayDiskFailed,
    GatewayDiskFull,

    // What people do.
    Flushed,
    Requested,

    // The broker; not in a FaultPlan, see BrokerPlan.
    BrokerKilled,
    Twice,
    Astray,
}
