using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace AvSdk.Mcap;

/// <summary>
/// Reads the fields of one record's content in order. The first fault is kept, everything after it reads as
/// nothing; the caller looks once, at the end.
/// </summary>
internal ref struct FieldReader(ReadOnlySpan<byte> content, McapLimits limits)
{
    private readonly ReadOnlySpan<byte> _content = content;
    private int _at;
    private McapError _error;

    public readonly int At => _at;

    public readonly McapError Error => _error;

    public readonly bool IsOk => _error.Kind == McapErrorKind.None;

    public byte ReadByte(string field)
    {
        ReadOnlySpan<byte> bytes = Take(1, field);
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    public ushort ReadUInt16(string field)
    {
        ReadOnlySpan<byte> bytes = Take(2, field);
        return bytes.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    public uint ReadUInt32(string field)
    {
        ReadOnlySpan<byte> bytes = Take(4, field);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public ulong ReadUInt64(string field)
    {
        ReadOnlySpan<byte> bytes = Take(8, field);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public ReadOnlySpan<byte> ReadBytes32(string field) => TakeLong(ReadUInt32(field), field);

    public ReadOnlySpan<byte> ReadBytes64(string field) => TakeLong(ReadUInt64(field), field);

    public string ReadText(string field)
    {
        int start = _at;
        uint lengthBytes = ReadUInt32(field);
        if (IsOk && lengthBytes > (uint)limits.TextBytesMax)
        {
            Fail(McapErrorKind.LengthOverLimit, start, $"a {field} of at most {limits.TextBytesMax} bytes",
                $"a length of {lengthBytes}");
        }

        ReadOnlySpan<byte> bytes = TakeLong(lengthBytes, field);
        if (bytes.IsEmpty)
            return "";
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        Fail(McapErrorKind.InvalidText, start + 4, $"UTF-8 in {field}", "other bytes");
        return "";
    }

    public IReadOnlyDictionary<string, string> ReadPairs(string field)
    {
        int start = _at + 4;
        FieldReader map = new(ReadBytes32(field), limits);
        if (!IsOk || map._content.IsEmpty)
            return McapFormat.NoPairs;
        Dictionary<string, string> pairs = [];
        while (map.IsOk && map._at < map._content.Length)
        {
            int keyAt = map._at;
            string key = map.ReadText(field);
            string value = map.ReadText(field);
            if (map.IsOk && !pairs.TryAdd(key, value))
                map.Fail(McapErrorKind.DuplicateKey, keyAt, $"each key of {field} once", $"\"{key}\" again");
        }

        Adopt(map._error, start);
        return pairs;
    }

    public IReadOnlyDictionary<ushort, ulong> ReadNumberMap(string field)
    {
        int start = _at + 4;
        FieldReader map = new(ReadBytes32(field), limits);
        Dictionary<ushort, ulong> pairs = new(map._content.Length / 10);
        while (map.IsOk && map._at < map._content.Length)
        {
            int keyAt = map._at;
            ushort key = map.ReadUInt16(field);
            ulong value = map.ReadUInt64(field);
            if (map.IsOk && !pairs.TryAdd(key, value))
                map.Fail(McapErrorKind.DuplicateKey, keyAt, $"each key of {field} once", $"{key} again");
        }

        Adopt(map._error, start);
        return pairs;
    }

    public readonly bool Finish(out McapError error)
    {
        error = _error;
        return error.Kind == McapErrorKind.None;
    }

    public void Fail(McapErrorKind kind, long offset, string expected, string found)
    {
        if (IsOk)
            _error = new McapError(kind, offset, expected, found);
    }

    private void Adopt(in McapError error, int baseOffset)
    {
        if (IsOk && error.IsError)
            _error = error.In(baseOffset);
    }

    private ReadOnlySpan<byte> TakeLong(ulong lengthBytes, string field)
    {
        // Compared as numbers before anything is cut: a length of 2^60 ends here.
        if (lengthBytes <= (ulong)(_content.Length - _at))
            return Take((int)lengthBytes, field);
        Fail(McapErrorKind.LengthMismatch, _at, $"at most {_content.Length - _at} bytes of {field}",
            $"a length of {lengthBytes}");
        return default;
    }

    private ReadOnlySpan<byte> Take(int count, string field)
    {
        if (!IsOk)
            return default;
        if (_content.Length - _at < count)
        {
            Fail(McapErrorKind.LengthMismatch, _at, $"{count} bytes of {field}",
                $"{_content.Length - _at} to the end of the record");
            return default;
        }

        ReadOnlySpan<byte> bytes = _content.Slice(_at, count);
        _at += count;
        return bytes;
    }
}
