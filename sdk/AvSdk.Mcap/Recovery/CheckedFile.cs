namespace AvSdk.Mcap;

/// <summary>What a check has counted and found in the data section, to hold the summary against.</summary>
internal sealed class CheckedFile
{
    public Dictionary<ushort, McapSchema> Schemas { get; } = [];

    public Dictionary<ushort, McapChannel> Channels { get; } = [];

    public Dictionary<ushort, ulong> Messages { get; } = [];

    /// <summary>By their place, each as an index in a summary would say it.</summary>
    public SortedDictionary<ulong, McapChunkIndex> Chunks { get; } = [];

    public SortedDictionary<ulong, McapAttachmentIndex> Attachments { get; } = [];

    public SortedDictionary<ulong, McapMetadataIndex> Metadata { get; } = [];

    public ulong MessageCount { get; private set; }

    public ulong LooseMessages { get; set; }

    public ulong FirstLogTime { get; private set; } = ulong.MaxValue;

    public ulong LastLogTime { get; private set; }

    /// <summary>Messages with a log time in the first year after 1970.</summary>
    public ulong EarlyMessages { get; private set; }

    /// <summary>The most that a message is earlier than one before it in the file, ns.</summary>
    public ulong StepBack { get; private set; }

    public long StepBackOffset { get; private set; }

    public long ChunksWithoutCrc { get; set; }

    public long ChunksWithoutIndexes { get; set; }

    /// <summary>Whether part of it could not be read, so that its counts are too low.</summary>
    public bool IsDamaged { get; set; }

    public void AddMessage(ushort channelId, ulong logTime, long offset)
    {
        const ulong Year = 365UL * 24 * 3600 * 1_000_000_000;
        Messages[channelId] = Messages.GetValueOrDefault(channelId) + 1;
        MessageCount++;
        EarlyMessages += logTime < Year ? 1UL : 0;
        FirstLogTime = Math.Min(FirstLogTime, logTime);
        if (logTime >= LastLogTime)
        {
            LastLogTime = logTime;
        }
        else if (LastLogTime - logTime > StepBack)
        {
            StepBack = LastLogTime - logTime;
            StepBackOffset = offset;
        }
    }
}
