using System.Buffers.Binary;

namespace AvSdk.Fuzz;

/// <summary>Changes that know nothing of a format: what disks, memory and transfers do.</summary>
public static class ByteNoise
{
    /// <summary>Makes one change.</summary>
    /// <param name="input">What is changed.</param>
    /// <param name="random">The choices.</param>
    /// <param name="keepsPlaces">False for a change that adds or moves bytes.</param>
    public static void Apply(FuzzCase input, FuzzRandom random, out bool keepsPlaces)
    {
        keepsPlaces = true;
        byte[] bytes = input.Bytes;
        if (bytes.Length == 0)
        {
            input.Bytes = random.Bytes(random.Length(64));
            input.Did("random bytes from nothing");
            keepsPlaces = false;
            return;
        }

        int at = random.Below(bytes.Length);
        int count = random.Length(bytes.Length - at);
        switch (random.Below(11))
        {
            case 0 or 1:
                int bit = random.Below(8);
                bytes[at] ^= (byte)(1 << bit);
                input.Did($"bit {bit} of byte {at} flipped");
                break;
            case 2:
                bytes[at] = (byte)random.Next();
                input.Did($"byte {at} = {bytes[at]}");
                break;
            case 3:
                bytes.AsSpan(at, count).Clear();
                input.Did($"{count} bytes at {at} zeroed");
                break;
            case 4:
                random.Bytes(count).CopyTo(bytes, at);
                input.Did($"{count} bytes at {at} random");
                break;
            case 5:
                int width = Math.Min(1 << random.Between(1, 3), bytes.Length - at);
                Span<byte> number = stackalloc byte[8];
                bytes.AsSpan(at, width).CopyTo(number);
                BinaryPrimitives.WriteUInt64LittleEndian(
                    number, random.Edge(BinaryPrimitives.ReadUInt64LittleEndian(number)));
                number[..width].CopyTo(bytes.AsSpan(at));
                input.Did($"a number of {width} bytes at {at} = {Convert.ToHexString(number[..width])}");
                break;
            case 6:
                input.Bytes = bytes[..at];
                input.Did($"cut at {at}");
                break;
            case 7:
                input.Bytes = [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at + count)];
                input.Did($"{count} bytes at {at} removed");
                break;
            case 8:
                int to = random.Below(bytes.Length + 1);
                input.Bytes = [.. bytes.AsSpan(0, to), .. bytes.AsSpan(at, count), .. bytes.AsSpan(to)];
                input.Did($"{count} bytes at {at} repeated at {to}");
                keepsPlaces = false;
                break;
            case 9:
                input.Bytes = [.. bytes.AsSpan(0, at), .. random.Bytes(count), .. bytes.AsSpan(at)];
                input.Did($"{count} random bytes put in at {at}");
                keepsPlaces = false;
                break;
            default:
                int from = random.Below(bytes.Length);
                int moved = Math.Min(count, bytes.Length - from);
                bytes.AsSpan(from, moved).ToArray().CopyTo(bytes, at);
                input.Did($"{moved} bytes at {at} overwritten with those at {from}");
                keepsPlaces = false;
                break;
        }
    }
}
