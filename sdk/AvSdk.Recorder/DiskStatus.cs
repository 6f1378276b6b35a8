namespace AvSdk.Recording;

/// <summary>Whether the disk takes what is recorded.</summary>
/// <param name="Refuses">True, an alarm: chunks are held in memory until it takes them again.</param>
/// <param name="Since">Since when; null: it takes them.</param>
/// <param name="HeldChunks">Chunks held in memory for it.</param>
/// <param name="DroppedChunks">Chunks that were lost to it since the recorder was started.</param>
public sealed record DiskStatus(bool Refuses, DateTimeOffset? Since, long HeldChunks, long DroppedChunks)
{
    internal static DiskStatus Good { get; } = new(false, null, 0, 0);
}
