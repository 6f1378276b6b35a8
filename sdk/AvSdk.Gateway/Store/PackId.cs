namespace AvSdk.Gateway.Store;

/// <summary>The name of a pack.</summary>
/// <param name="VehicleId">1 to 128 of <c>[A-Za-z0-9._-]</c>.</param>
/// <param name="RecordingId">The recording whose chunks it holds, and no other's.</param>
/// <param name="Number">From 1 in the recording.</param>
public sealed record PackId(string VehicleId, Guid RecordingId, int Number)
{
    /// <summary>For example <c>veh-042/0198…/000001</c>.</summary>
    public override string ToString() => $"{VehicleId}/{RecordingId:D}/{Number:D6}";
}
