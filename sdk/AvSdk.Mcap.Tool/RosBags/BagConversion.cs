using System.Text;
using AvSdk.Lz4;
using AvSdk.Mcap.Tool.Edits;
using AvSdk.Mcap.Tool.Progress;

namespace AvSdk.Mcap.Tool.RosBags;

/// <summary>
/// Writes the messages of a ROS 1 bag as MCAP, in their order: a channel for each connection (message encoding
/// <c>ros1</c>, its caller, latching and checksum as metadata), a schema for each definition (encoding
/// <c>ros1msg</c>), as the MCAP registry has it. A bag has one time a message; it becomes both.
/// </summary>
internal sealed class BagConversion
{
    /// <summary>The profile of the file that is written.</summary>
    public const string Profile = "ros1";

    private const long ChunkBytesMax = 1L << 30;

    private readonly McapWriter _writer;
    private readonly Dictionary<uint, ushort> _channels = [];
    private readonly Dictionary<(string Type, string Definition), ushort> _schemas = [];
    private byte[] _plain = [];
    private ulong _messages;

    private BagConversion(McapWriter writer) => _writer = writer;

    /// <param name="reader">At the first record.</param>
    /// <exception cref="BagException">The bytes are not good, or compressed with bz2.</exception>
    public static EditReport Run(
        BagReader reader, McapWriter writer, IProgress<WorkDone>? progress, CancellationToken cancellationToken)
    {
        BagConversion conversion = new(writer);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report(new WorkDone(reader.Position, reader.Length));
            conversion.Take(reader.Record, reader.Offset, isInChunk: false);
        }

        return new EditReport { Messages = conversion._messages, Channels = conversion._channels.Count };
    }

    private void Take(BagRecord record, long offset, bool isInChunk)
    {
        switch (record.Header.Byte("op"u8))
        {
            case BagRecord.ConnectionOp:
                AddConnection(record);
                break;
            case BagRecord.MessageOp:
                uint connection = record.Header.UInt32("conn"u8);
                if (!_channels.TryGetValue(connection, out ushort channel))
                    throw new BagException(offset, $"connection {connection} before its messages", "no such connection");
                ulong time = record.Header.Time("time"u8);
                _writer.WriteMessage(channel, 0, time, time, record.Data);
                _messages++;
                break;
            case BagRecord.ChunkOp when !isInChunk:
                TakeChunk(record, offset);
                break;
        }
    }

    // The same connection stands in a chunk that uses it and again at the end of the file.
    private void AddConnection(BagRecord record)
    {
        uint connection = record.Header.UInt32("conn"u8);
        if (_channels.ContainsKey(connection))
            return;
        if (_channels.Count >= ushort.MaxValue)
        {
            throw new BagException(
                record.DataOffset, $"at most {ushort.MaxValue} connections, which is what MCAP has ids for", "more");
        }

        BagFields fields = new(record.Data, record.DataOffset);
        string type = fields.Text("type"u8);
        string definition = fields.Text("message_definition"u8);
        if (!_schemas.TryGetValue((type, definition), out ushort schema))
        {
            schema = _writer.AddSchema(type, "ros1msg", Encoding.UTF8.GetBytes(definition));
            _schemas.Add((type, definition), schema);
        }

        Dictionary<string, string> metadata = [];
        foreach (string name in new[] { "callerid", "latching", "md5sum" })
        {
            if (fields.TryFind(Encoding.UTF8.GetBytes(name), out ReadOnlySpan<byte> value))
                metadata.Add(name, Encoding.UTF8.GetString(value));
        }

        ushort channel = (ushort)_channels.Count;
        _writer.AddChannel(new McapChannel(channel, schema, record.Header.Text("topic"u8), Profile, metadata));
        _channels.Add(connection, channel);
    }

    private void TakeChunk(BagRecord record, long offset)
    {
        ReadOnlySpan<byte> rest = Plain(record, offset);
        while (!rest.IsEmpty)
        {
            if (!BagRecord.TryRead(rest, offset, out BagRecord inner))
                throw new BagException(offset, "whole records in the chunk", $"{rest.Length} bytes of one at its end");
            Take(inner, offset, isInChunk: true);
            rest = rest[inner.TotalBytes..];
        }
    }

    private ReadOnlySpan<byte> Plain(BagRecord record, long offset)
    {
        string compression = record.Header.Text("compression"u8);
        if (compression is "" or "none")
            return record.Data;
        if (compression != "lz4")
        {
            throw new BagException(offset, "chunks with lz4 or without compression",
                $"one with {compression}, which av-mcap cannot read (\"rosbag decompress\" makes it readable)");
        }

        uint size = record.Header.UInt32("size"u8);
        if (size > ChunkBytesMax)
            throw new BagException(offset, $"a chunk of at most {ChunkBytesMax} bytes", $"{size}");
        // LZ4 makes no more than 255 bytes of one.
        if (size > (255L * record.Data.Length) + 64)
            throw new BagException(offset, "a size that its compressed bytes can have", $"{size}");
        if (_plain.Length < size)
            _plain = new byte[Math.Max(size, 1 << 20)];
        Lz4Result result = Lz4Frame.TryDecompress(record.Data, _plain.AsSpan(0, (int)size), out _, out int written);
        if (!result.IsOk || written != size)
        {
            throw new BagException(offset, $"{size} bytes of lz4",
                result.IsOk ? $"{written}" : $"other bytes ({result.Message.TrimEnd('.')})");
        }

        return _plain.AsSpan(0, written);
    }
}
