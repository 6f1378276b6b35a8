namespace AvSdk.Mcap;

/// <content>Attachments and metadata: what stands beside the messages.</content>
public sealed partial class McapWriter
{
    private const int AttachmentPieceBytes = 1 << 20;

    /// <summary>Writes an attachment; its CRC is computed.</summary>
    public void WriteAttachment(McapAttachment attachment)
    {
        ArgumentNullException.ThrowIfNull(attachment);
        _output.ThrowIfNotOpen();
        _chunks?.DrainWorkers();
        ulong offset = (ulong)Position;
        McapRecordWriter.WriteAttachment(_buffer, attachment);
        ulong length = (ulong)_buffer.WrittenCount;
        EmitBuffer();
        _tally.AddAttachment(
            new McapAttachmentIndex(offset, length, attachment.LogTime, attachment.CreateTime,
            (ulong)attachment.Data.Length, attachment.Name, attachment.MediaType));
    }

    /// <summary>
    /// Writes an attachment out of a stream, piece by piece: memory is 1 MiB, whatever its size.
    /// </summary>
    /// <param name="name">For example <c>calibration.json</c>.</param>
    /// <param name="mediaType">For example <c>application/json</c>.</param>
    /// <param name="logTime">When it was recorded, ns.</param>
    /// <param name="createTime">When it was made, ns; 0: not known.</param>
    /// <param name="data">Read from where it stands to its end; borrowed.</param>
    /// <param name="bytes">How many bytes that is. The format has the length before the data.</param>
    /// <exception cref="ArgumentException">A stream that can seek has more or fewer bytes: nothing was written,
    /// the writer stays usable.</exception>
    /// <exception cref="InvalidDataException">The stream had more or fewer bytes, which only showed on the way:
    /// the file ends in half a record and the writer refuses further use.</exception>
    public void WriteAttachment(
        string name, string mediaType, ulong logTime, ulong createTime, Stream data, long bytes)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(mediaType);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        _output.ThrowIfNotOpen();
        if (data.CanSeek && data.Length - data.Position != bytes)
        {
            throw new ArgumentException(
                $"Attachment {name} was announced with {bytes} bytes, its stream has "
                + $"{data.Length - data.Position}: give the length that it has.", nameof(bytes));
        }

        _chunks?.DrainWorkers();
        long offset = Position;
        McapRecordWriter.WriteAttachmentHead(_buffer, name, mediaType, logTime, createTime, bytes);
        uint crc = Crc32.Compute(_buffer.WrittenSpan[McapFormat.RecordPrefixBytes..]);
        EmitBuffer();
        try
        {
            crc = CopyAttachment(name, data, bytes, crc);
        }
        catch (Exception e)
        {
            _output.Fail(e);
            throw;
        }

        McapRecordWriter.WriteCrc(_buffer, crc);
        EmitBuffer();
        _tally.AddAttachment(new McapAttachmentIndex(
            (ulong)offset, (ulong)(Position - offset), logTime, createTime, (ulong)bytes, name, mediaType));
    }

    /// <summary>Writes metadata.</summary>
    public void WriteMetadata(McapMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        _output.ThrowIfNotOpen();
        _chunks?.DrainWorkers();
        ulong offset = (ulong)Position;
        McapRecordWriter.WriteMetadata(_buffer, metadata);
        ulong length = (ulong)_buffer.WrittenCount;
        EmitBuffer();
        _tally.AddMetadata(new McapMetadataIndex(offset, length, metadata.Name));
    }

    private uint CopyAttachment(string name, Stream data, long bytes, uint crc)
    {
        using PooledBytes rented = new((int)Math.Min(bytes, AttachmentPieceBytes - 1) + 1);
        Span<byte> piece = rented.Memory.Span;
        long left = bytes;
        while (true)
        {
            // One byte more than there should be is asked for: so a stream that is too long shows.
            int asked = (int)Math.Min(left, piece.Length - 1) + 1;
            int read = data.ReadAtLeast(piece[..asked], asked, throwOnEndOfStream: false);
            if (read > left)
            {
                throw new InvalidDataException(
                    $"Attachment {name} was announced with {bytes} bytes and its stream goes on: "
                    + "give the length that it has.");
            }

            crc = Crc32.Append(crc, piece[..read]);
            _output.Write(piece[..read]);
            left -= read;
            if (read == asked)
                continue;
            return left == 0 ? crc : throw new InvalidDataException(
                $"Attachment {name} was announced with {bytes} bytes and its stream ended {left} bytes before: "
                + "give the length that it has.");
        }
    }
}
