using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using Google.Protobuf;

namespace AvSdk.Gateway.Ingest;

/// <summary>What the shell is to do about one message of a vehicle.</summary>
internal abstract record IngestAction
{
    private IngestAction()
    {
    }

    /// <summary>The vehicle is known by name now: send the reply, then what it was asked for.</summary>
    public sealed record Greet(UploadReply Reply) : IngestAction;

    /// <summary>Add to the index, answer Defined.</summary>
    public sealed record Define(Contracts.V1.Define Message) : IngestAction;

    /// <summary>Add to the index, answer Announced.</summary>
    public sealed record Announce(Contracts.V1.Announce Message) : IngestAction;

    /// <summary>Put the bytes to those that are here; commit the chunk when it is whole.</summary>
    public sealed record Stage(ChunkKey Key, ulong Offset, ByteString Data) : IngestAction;

    /// <summary>Add to the index, answer Ended.</summary>
    public sealed record End(RecordingEnd Message) : IngestAction;

    /// <summary>Add to the ledger, answer LedgerNoted.</summary>
    public sealed record Ledger(TellLedger Message) : IngestAction;

    /// <summary>Nothing: a part that was under way when its chunk's receipt went out.</summary>
    public sealed record Ignore : IngestAction;

    /// <summary>End the stream.</summary>
    public sealed record Refuse(IngestRefusal Why) : IngestAction;
}
