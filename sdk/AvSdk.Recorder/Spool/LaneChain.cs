using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording.Chunking;
using Google.Protobuf;

namespace AvSdk.Recording.Spool;

/// <summary>
/// The numbers and hashes of one lane of one recording: each chunk has the next sequence, from 1, and a hash
/// over its predecessor's hash and its body. What turns out not to be durable is taken back, so that there is
/// never a gap.
/// </summary>
internal sealed class LaneChain(ByteString recordingId, string lane)
{
    private static readonly ByteString Zero = ByteString.CopyFrom(new byte[ChunkHash.Bytes]);

    private (ulong Sequence, ByteString Sha256) _last = (0, Zero);
    private (ulong Sequence, ByteString Sha256) _committed = (0, Zero);

    /// <summary>The sequence of the last chunk that stays.</summary>
    public ulong CommittedSequence => Volatile.Read(ref _committed.Sequence);

    /// <summary>Its hash; 32 zero bytes where there is none.</summary>
    public ByteString CommittedSha256 => _committed.Sha256;

    public ulong NextSequence => _last.Sequence + 1;

    /// <summary>The hash of the chunk that follows <paramref name="previous"/>.</summary>
    public static ByteString Hash(ByteString previous, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[ChunkHash.Bytes];
        ChunkHash.Compute(previous.Span, body, hash);
        return ByteString.CopyFrom(hash);
    }

    /// <summary>Gives the chunk its header.</summary>
    public void Link(ClosedChunk chunk)
    {
        ChunkHeader header = new()
        {
            Ref = new ChunkRef { RecordingId = recordingId, Lane = lane, Sequence = NextSequence },
            FirstLogTime = chunk.FirstLogTime,
            LastLogTime = chunk.LastLogTime,
            Compression = chunk.Size.Compression,
            UncompressedBytes = (ulong)chunk.Size.UncompressedBytes,
            BodyBytes = (ulong)chunk.Size.BodyBytes,
            PreviousSha256 = _last.Sha256,
            Sha256 = Hash(_last.Sha256, chunk.Body.Span),
        };
        foreach (ChunkChannelCount count in chunk.Channels)
        {
            header.Channels.Add(new ChunkChannel
            {
                ChannelId = count.ChannelId,
                Messages = (ulong)count.Messages,
                PayloadBytes = (ulong)count.PayloadBytes,
            });
        }

        chunk.Header = header;
        _last = (header.Ref.Sequence, header.Sha256);
    }

    /// <summary>The chunk stays.</summary>
    public void Commit(ClosedChunk chunk) => _committed = (chunk.Header!.Ref.Sequence, chunk.Header.Sha256);

    /// <summary>Takes back every number that was not committed.</summary>
    public void Rollback() => _last = _committed;
}
