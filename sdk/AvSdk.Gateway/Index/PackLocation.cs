namespace AvSdk.Gateway.Index;

/// <summary>Where a stored chunk's body lies.</summary>
/// <param name="Pack">The number of the recording's pack, from 1.</param>
/// <param name="BodyOffset">The offset of the body's first byte in the pack.</param>
public readonly record struct PackLocation(int Pack, long BodyOffset);
