using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using Google.Protobuf;

namespace AvSdk.Tests.Gateway;

/// <summary>A chunk as a vehicle has it.</summary>
internal sealed record SampleChunk(ChunkHeader Header, byte[] Body)
{
    public ChunkKey Key => ChunkKey.From(Header.Ref);

    public UploadRequest Announcement => new() { Announce = new Announce { Headers = { Header } } };

    /// <summary>
    /// The body from <paramref name="from"/> to <paramref name="to"/> (0: the end) in one part.
    /// </summary>
    public UploadRequest Part(int from = 0, int to = 0)
    {
        int end = to == 0 ? Body.Length : to;
        return new UploadRequest
        {
            Part = new Part
            {
                Ref = Header.Ref,
                Offset = (ulong)from,
                Data = ByteString.CopyFrom(Body, from, end - from),
            },
        };
    }

    /// <summary>The same name over other bytes, with a header that fits them.</summary>
    public SampleChunk Altered()
    {
        byte[] body = [.. Body];

        // The CRC of the records is not looked at without decompressing; the hash is.
        body[33] ^= 0xFF;
        ChunkHeader header = Header.Clone();
        header.Sha256 = ByteString.CopyFrom(SampleRecording.Hash(header.PreviousSha256.Span, body));
        return new SampleChunk(header, body);
    }
}
