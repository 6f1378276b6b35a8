namespace AvSdk.Simulation.Fleet;

/// <summary>What happens to a fleet.</summary>
/// <param name="Outage">How long the tower is lost.</param>
/// <param name="ObeysGateway">False: cars do not hear when they are to come back, and go by their own backoff.</param>
internal sealed record FleetCase(TimeSpan Outage, bool ObeysGateway)
{
    public static IReadOnlyList<FleetCase> All { get; } =
    [
        new(TimeSpan.FromSeconds(2), true),
        new(TimeSpan.FromSeconds(2), false),
        new(TimeSpan.FromSeconds(60), true),
        new(TimeSpan.FromSeconds(60), false),
    ];
}
