using System.Buffers.Binary;
using AvSdk.Lz4;

namespace AvSdk.Fuzz.Lz4;

/// <summary>
/// Makes inputs of good frames and blocks: noise, and changes of header, block sizes and sequences whose checksums are
/// made right, so that they are decoded.
/// </summary>
public static class Lz4Mutator
{
    private const int HeaderAt = 4;

    public static Lz4Input Make(IReadOnlyList<Lz4Seed> seeds, FuzzRandom random)
    {
        Lz4Input input = new(random.Of(seeds));
        for (int left = random.Below(random.OneIn(4) ? 6 : 3); left > 0; left--)
        {
            if (!input.Seed.IsBlock && random.OneIn(2))
                ChangeFrame(input, random);
            else
                ByteNoise.Apply(input, random, out _);
        }

        return input;
    }

    private static void ChangeFrame(Lz4Input input, FuzzRandom random)
    {
        byte[] bytes = input.Bytes;
        if (bytes.Length < 15 || !Lz4FrameHeader.TryRead(bytes, out Lz4FrameHeader header).IsOk)
        {
            ByteNoise.Apply(input, random, out _);
            return;
        }

        int headerBytes = HeaderBytes(bytes);
        if (headerBytes + 4 > bytes.Length)
            return;
        switch (random.Below(4))
        {
            case 0:
                int at = HeaderAt + random.Below(headerBytes - HeaderAt - 1);
                bytes[at] ^= (byte)(1 << random.Below(8));
                headerBytes = HeaderBytes(bytes);
                if (headerBytes < bytes.Length)
                    bytes[headerBytes - 1] = (byte)(XxHash32.Compute(bytes.AsSpan(HeaderAt..(headerBytes - 1))) >> 8);
                input.Did($"byte {at} of the header = {bytes[at]}, checksum made right");
                break;
            case 1:
                uint size = (uint)random.Edge(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(headerBytes)));
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(headerBytes), size);
                input.Did($"the first block's size = {size:x8}");
                break;
            case 2:
                ChangeSequence(input, headerBytes, random);
                break;
            default:
                if (header.ContentChecksum)
                {
                    random.Bytes(4).CopyTo(bytes, bytes.Length - 4);
                    input.Did("another content checksum");
                }

                break;
        }
    }

    // A byte of the first block's sequences, its block checksum made right.
    private static void ChangeSequence(Lz4Input input, int headerBytes, FuzzRandom random)
    {
        byte[] bytes = input.Bytes;
        int size = (int)(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(headerBytes)) & 0x7FFFFFFF);
        int data = headerBytes + 4;
        if (size <= 0 || size > bytes.Length - data)
            return;
        int at = data + random.Below(size);
        bytes[at] = random.OneIn(2) ? (byte)random.Next() : (byte)(random.OneIn(2) ? 0xFF : 0);
        bool hasChecksum = (bytes[HeaderAt] & 0x10) != 0;
        if (hasChecksum && data + size + 4 <= bytes.Length)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                bytes.AsSpan(data + size), XxHash32.Compute(bytes.AsSpan(data, size)));
        }

        input.Did($"byte {at} of the first block = {bytes[at]}");
    }

    private static int HeaderBytes(byte[] bytes) =>
        7 + ((bytes[HeaderAt] & 0x08) != 0 ? 8 : 0) + ((bytes[HeaderAt] & 0x01) != 0 ? 4 : 0);
}
