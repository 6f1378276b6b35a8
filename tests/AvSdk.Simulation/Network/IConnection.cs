using AvSdk.Simulation.Clock;

namespace AvSdk.Simulation.Network;

/// <summary>What a car, or a gateway, has on its link; it can be cut.</summary>
internal interface IConnection
{
    /// <summary>The process that connected.</summary>
    Life Client { get; }

    bool IsCut { get; }

    /// <summary>
    /// Cuts it; <paramref name="clientLearns"/> and <paramref name="serverLearns"/> say when each end is told, null: never.
    /// </summary>
    void Cut(bool losesUp, bool losesDown, TimeSpan? clientLearns, TimeSpan? serverLearns);
}
