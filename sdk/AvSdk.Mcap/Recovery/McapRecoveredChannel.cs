namespace AvSdk.Mcap;

/// <summary>What a recovery kept of one channel.</summary>
/// <param name="Channel">As the recovered file defines it.</param>
/// <param name="Messages">Its messages in the recovered file.</param>
public sealed record McapRecoveredChannel(McapChannel Channel, long Messages);
