using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Tests.Gateway;

/// <summary>One part of a recording's ledger as a vehicle has it.</summary>
internal sealed class SampleLedger
{
    private readonly SampleRecording _recording;
    private readonly uint _part;
    private readonly List<ByteString> _bytes = [];

    public SampleLedger(SampleRecording recording, uint part = 1, ByteString? previous = null)
    {
        (_recording, _part, Head) = (recording, part, previous ?? LedgerChain.Zero);
        Add(new LedgerEntry { Began = new LedgerBegan { Recording = recording.Info, Part = part } });
    }

    public List<LedgerEntry> Entries { get; } = [];

    public ByteString Head { get; private set; }

    public void Add(LedgerEntry entry)
    {
        entry.Index = (ulong)Entries.Count + 1;
        entry.At = SampleRecording.Epoch + entry.Index;
        entry.PreviousSha256 = Head;
        Entries.Add(entry);
        _bytes.Add(entry.ToByteString());
        Head = LedgerChain.Hash(_bytes[^1].Span);
    }

    public TellLedger Tell(int first, int last) => new()
    {
        RecordingId = _recording.Info.RecordingId,
        Part = _part,
        FirstIndex = (ulong)first,
        Entries = { _bytes[(first - 1)..last] },
    };
}

internal static class SampleHashes
{
    /// <summary>A hash of nothing that there is.</summary>
    public static ByteString Concat32(this ByteString bytes) => ByteString.CopyFrom([.. bytes.Span, 1]);
}
