namespace AvSdk.Gateway.Index;

/// <summary>A pack that was begun and not sealed.</summary>
/// <param name="VehicleId">The recording's vehicle.</param>
/// <param name="RecordingId">The recording that the pack belongs to.</param>
/// <param name="Number">The pack's number in the recording, from 1.</param>
/// <param name="IndexedBytes">
/// The offset behind the last body that has a row: what is worth keeping. 0: no chunk in it has a row.
/// </param>
public sealed record OpenPack(string VehicleId, Guid RecordingId, int Number, long IndexedBytes);
