using AvSdk.Simulation.Mutants;

namespace AvSdk.Simulation.Runs;

/// <summary>What a run is made from.</summary>
internal sealed record Setup(int Seed, Mutant Mutant, UplinkKind Uplink);

/// <summary>How cars reach the gateway.</summary>
internal enum UplinkKind
{
    /// <summary>A stream of messages, as gRPC has it.</summary>
    Stream,

    /// <summary>Publications over a broker.</summary>
    Mqtt,
}
