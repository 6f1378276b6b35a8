using System.Runtime.InteropServices;

namespace AvSdk.Mcap;

/// <summary>What a recovery has kept so far.</summary>
internal sealed class RecoveryTally
{
    private readonly Dictionary<ushort, long> _messages = [];
    private readonly long[] _chunks = new long[4];
    private long _recovered;
    private long _unchecked;
    private long _loose;
    private long _looseVouched;
    private long _salvaged;

    public long Attachments { get; set; }

    public long Metadata { get; set; }

    public long PrivateRecords { get; set; }

    /// <summary>Whether the data section's CRC vouches for the messages outside of chunks that came before it.</summary>
    public bool LooseIsVouched { get; private set; }

    public long MessagesRecovered => _recovered;

    /// <summary>The data section has ended, and its CRC is right.</summary>
    public void VouchForLoose()
    {
        LooseIsVouched = true;
        _looseVouched = _loose;
    }

    public void AddLoose(ushort channelId, bool isSalvaged)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_messages, channelId, out _)++;
        _recovered++;
        _loose++;
        _salvaged += isSalvaged ? 1 : 0;
    }

    public void Add(in ChunkTaken taken)
    {
        foreach ((ushort channelId, long messages) in taken.Channels ?? new Dictionary<ushort, long>())
            CollectionsMarshal.GetValueRefOrAddDefault(_messages, channelId, out _) += messages;
        _chunks[(int)taken.Kind]++;
        _recovered += taken.Messages;
        _unchecked += taken.IsVouched ? 0 : taken.Messages;
        _salvaged += taken.IsSalvaged ? taken.Messages : 0;
        PrivateRecords += taken.PrivateRecords;
    }

    public McapRecoveryReport ToReport(IEnumerable<McapChannel> channels) => new()
    {
        MessagesRecovered = _recovered,
        MessagesUnchecked = _unchecked + _loose - _looseVouched,
        MessagesSalvaged = _salvaged,
        Channels = [.. channels.Select(c => new McapRecoveredChannel(c, _messages.GetValueOrDefault(c.Id)))],
        ChunksCopied = _chunks[(int)ChunkTakenKind.Copied],
        ChunksRewritten = _chunks[(int)ChunkTakenKind.Rewritten],
        ChunksSkipped = _chunks[(int)ChunkTakenKind.Skipped],
        Attachments = Attachments,
        Metadata = Metadata,
        PrivateRecords = PrivateRecords,
    };
}
