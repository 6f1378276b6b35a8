using System.Buffers;
using System.Buffers.Binary;
using AvSdk.Lz4;
using AvSdk.Mcap;

namespace AvSdk.Fuzz.Mcap;

/// <summary>Makes inputs of good files: noise, and changes that know the format and get past its checksums.</summary>
public static class McapMutator
{
    public static McapInput Make(IReadOnlyList<McapSeed> seeds, FuzzRandom random)
    {
        McapInput input = new(random.Of(seeds));
        bool knows = random.OneIn(2);
        for (int left = 1 + random.Below(random.OneIn(4) ? 6 : 2); left > 0; left--)
        {
            if (knows)
            {
                ChangeRecords(input, random);
                continue;
            }

            ByteNoise.Apply(input, random, out bool keepsPlaces);
            input.IsRearranged |= !keepsPlaces;
        }

        if (knows && !random.OneIn(4))
            Reseal(input);
        if (knows && random.OneIn(6))
            ByteNoise.Apply(input, random, out _);
        return input;
    }

    private static void ChangeRecords(McapInput input, FuzzRandom random)
    {
        List<(McapOpcode Opcode, int Offset, int Bytes)> records = RecordMap.Of(input.Bytes);
        input.IsRearranged = true;
        if (records.Count == 0)
        {
            ByteNoise.Apply(input, random, out _);
            return;
        }

        (McapOpcode opcode, int offset, int bytes) = random.Of(records);
        Span<byte> record = input.Bytes.AsSpan(offset, bytes);
        switch (random.Below(10))
        {
            case 0:
                ulong length = random.Edge((ulong)(bytes - RecordMap.PrefixBytes));
                BinaryPrimitives.WriteUInt64LittleEndian(record[1..], length);
                input.Did($"length of {opcode} at {offset} = {length}");
                break;
            case 1:
                record[0] = random.OneIn(3) ? (byte)random.Next() : (byte)random.Between(0, 16);
                input.Did($"opcode of {opcode} at {offset} = {record[0]}");
                break;
            case 2:
                input.Bytes = [.. input.Bytes.AsSpan(0, offset), .. input.Bytes.AsSpan(offset + bytes)];
                input.Did($"{opcode} at {offset} removed");
                break;
            case 3:
                (_, int to, _) = random.Of(records);
                input.Bytes = [.. input.Bytes.AsSpan(0, to), .. record, .. input.Bytes.AsSpan(to)];
                input.Did($"{opcode} at {offset} repeated at {to}");
                break;
            case 4:
                byte[] made = RecordMap.Record((McapOpcode)random.Between(1, 16), random.Bytes(random.Length(80)));
                input.Bytes = [.. input.Bytes.AsSpan(0, offset), .. made, .. input.Bytes.AsSpan(offset)];
                input.Did($"a {(McapOpcode)made[0]} of {made.Length} random bytes put in at {offset}");
                break;
            case 5 or 6 when records.Exists(r => r.Opcode == McapOpcode.Chunk):
                ChangeChunk(input, random.Of(records.FindAll(r => r.Opcode == McapOpcode.Chunk)), random);
                break;
            case 7:
                Append(input, offset, bytes, random.Bytes(random.Length(40)));
                input.Did($"bytes after the fields of {opcode} at {offset}");
                break;
            default:
                ChangeNumber(input, record[RecordMap.PrefixBytes..], $"{opcode} at {offset}", random);
                break;
        }
    }

    // A number somewhere in a record; most fields are two, four or eight bytes.
    private static void ChangeNumber(FuzzCase input, Span<byte> content, string where, FuzzRandom random)
    {
        if (content.IsEmpty)
            return;
        int at = random.OneIn(2) ? random.Below(content.Length) : random.Below(Math.Min(48, content.Length));
        int width = Math.Min(1 << random.Between(0, 3), content.Length - at);
        Span<byte> number = stackalloc byte[8];
        number.Clear();
        content.Slice(at, width).CopyTo(number);
        ulong value = random.Edge(BinaryPrimitives.ReadUInt64LittleEndian(number));
        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        number[..width].CopyTo(content[at..]);
        input.Did($"{width} bytes at {at} of {where} = {Convert.ToHexString(number[..width])}");
    }

    private static void Append(McapInput input, int offset, int bytes, byte[] more)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(
            input.Bytes.AsSpan(offset + 1), (ulong)(bytes - RecordMap.PrefixBytes + more.Length));
        int end = offset + bytes;
        input.Bytes = [.. input.Bytes.AsSpan(0, end), .. more, .. input.Bytes.AsSpan(end)];
    }

    // Its records are changed, compressed again and given their CRC, so that what reads them gets to see them.
    private static void ChangeChunk(McapInput input, (McapOpcode, int Offset, int Bytes) chunk, FuzzRandom random)
    {
        ReadOnlySpan<byte> content =
            input.Bytes.AsSpan(chunk.Offset + RecordMap.PrefixBytes, chunk.Bytes - RecordMap.PrefixBytes);
        if (!McapRecordReader.TryParseChunk(content, FuzzLimits.Mcap, out McapChunkView view, out _)
            || view.Compression is not ("" or "lz4") || view.UncompressedSize > 1 << 20)
        {
            return;
        }

        byte[] plain = new byte[view.UncompressedSize];
        if (view.Compression.Length == 0)
            view.Records.CopyTo(plain);
        else if (!Lz4Frame.TryDecompressAll(view.Records, plain, out _).IsOk)
            return;
        FuzzCase inner = new("records", plain);
        List<(McapOpcode Opcode, int Offset, int Bytes)> records = RecordMap.Of(plain, 0);
        if (records.Count > 0 && !random.OneIn(3))
        {
            (McapOpcode opcode, int offset, int bytes) = random.Of(records);
            if (random.OneIn(3))
                plain[offset] = (byte)random.Between(0, 16);
            else
                ChangeNumber(inner, plain.AsSpan(offset + random.Below(2), bytes - 1), $"{opcode} at {offset}", random);
        }
        else
        {
            ByteNoise.Apply(inner, random, out _);
        }

        plain = inner.Bytes;
        byte[] stored = plain;
        if (view.Compression.Length > 0)
        {
            stored = new byte[Lz4Frame.CompressBound(plain.Length, Lz4FrameOptions.Default)];
            stored = stored[..Lz4Frame.Compress(plain, stored, Lz4FrameOptions.Default)];
        }

        ArrayBufferWriter<byte> made = new();
        made.Write(content[..16]);
        Write(made, (ulong)plain.Length, 8);
        Write(made, Crc32.Compute(plain), 4);
        Write(made, (ulong)view.Compression.Length, 4);
        made.Write(System.Text.Encoding.UTF8.GetBytes(view.Compression));
        Write(made, (ulong)stored.Length, 8);
        made.Write(stored);
        byte[] record = RecordMap.Record(McapOpcode.Chunk, made.WrittenSpan);
        input.Did($"in the chunk at {chunk.Offset}, CRC made right: {string.Join(", ", inner.Steps)}");
        input.IsForged = true;
        input.Bytes =
        [
            .. input.Bytes.AsSpan(0, chunk.Offset), .. record, .. input.Bytes.AsSpan(chunk.Offset + chunk.Bytes),
        ];
    }

    // Makes the checksums of attachments, data section and summary right, and the footer point to the summary.
    private static void Reseal(McapInput input)
    {
        byte[] bytes = input.Bytes;
        int summary = 0;
        foreach ((McapOpcode opcode, int offset, int length) in RecordMap.Of(bytes))
        {
            int end = offset + length;
            if (opcode == McapOpcode.Attachment && length > RecordMap.PrefixBytes + 4)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(end - 4),
                    Crc32.Compute(bytes.AsSpan((offset + RecordMap.PrefixBytes)..(end - 4))));
            }
            else if (opcode == McapOpcode.DataEnd && length == RecordMap.PrefixBytes + 4 && summary == 0)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(end - 4), Crc32.Compute(bytes.AsSpan(0, offset)));
                summary = end;
                input.IsForged = true;
            }
            else if (opcode == McapOpcode.Footer && length == RecordMap.PrefixBytes + 20 && summary != 0)
            {
                Span<byte> start = bytes.AsSpan(offset + RecordMap.PrefixBytes);
                if (BinaryPrimitives.ReadUInt64LittleEndian(start) != 0 && offset > summary)
                    BinaryPrimitives.WriteUInt64LittleEndian(start, (ulong)summary);
                BinaryPrimitives.WriteUInt32LittleEndian(
                    bytes.AsSpan(end - 4), Crc32.Compute(bytes.AsSpan(summary..(end - 4))));
                input.IsForged = true;
                input.Did("checksums made right");
                return;
            }
        }
    }

    private static void Write(ArrayBufferWriter<byte> output, ulong value, int width)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        output.Write(number[..width]);
    }
}
