using System.Buffers;
using AvSdk.Mcap;

namespace AvSdk.Fuzz.Mcap;

/// <summary>The readers: only <see cref="McapException"/>, and no other message than the good file has.</summary>
public static class ReaderTargets
{
    public static void Stream(McapInput input, FuzzRandom random)
    {
        McapReadOptions options = new() { Limits = FuzzLimits.Mcap, AllowUnsealed = random.OneIn(2) };
        using Stream stream = random.OneIn(4)
            ? new PiecewiseStream(input.Bytes, random.Length(100)) : new MemoryStream(input.Bytes, false);
        using McapStreamReader reader = new(stream, options);
        bool isVouched = false;
        try
        {
            while (reader.Read())
            {
                if (reader.Opcode == McapOpcode.Chunk)
                    isVouched = reader.Content.Length >= 28 && reader.Content.Slice(24, 4).IndexOfAnyExcept((byte)0) >= 0;
                if (reader.Opcode == McapOpcode.Message && reader.IsInChunk && isVouched)
                    Believe(input, reader.Message, "McapStreamReader");
            }
        }
        catch (McapException e)
        {
            Look(e, input);
        }
    }

    public static void Indexed(McapInput input, FuzzRandom random)
    {
        McapReadOptions options = new()
        {
            Limits = FuzzLimits.Mcap,
            AllowUnsealed = random.OneIn(2),
            BufferBytesMax = random.OneIn(2) ? 1 : 1 << 20,
        };
        McapIndexedReader reader;
        try
        {
            reader = McapIndexedReader.Open(new MemorySource(input.Bytes), options);
        }
        catch (McapException e)
        {
            Look(e, input);
            return;
        }

        using (reader)
        {
            foreach (McapOrder order in Enum.GetValues<McapOrder>())
                Try(input, () => Read(input, reader, new McapQuery { Order = order }));
            Try(input, () => Read(input, reader, new McapQuery
            {
                From = random.Edge(1_000_000),
                To = ulong.MaxValue,
                Topics = ["/imu", "example"],
            }));
            Try(input, () => ReadLatest(input, reader, random.Edge(1_000_000)));
            foreach (McapAttachmentIndex index in reader.Attachments)
                Try(input, () => ReadAttachment(reader, index));
            foreach (McapMetadataIndex index in reader.MetadataIndexes)
                Try(input, () => reader.ReadMetadata(index));
            foreach (McapChunkIndex index in reader.Chunks)
                Try(input, () => ReadBody(reader, index));
        }
    }

    public static void Scan(McapInput input, FuzzRandom random)
    {
        if (!McapScan.TryRun(new MemorySource(input.Bytes), FuzzLimits.Mcap, out McapScan? scan, out McapError error))
        {
            Look(error, input);
            return;
        }

        if (scan.EndOfWholeRecords > input.Bytes.Length || scan.AppendOffset > scan.EndOfWholeRecords)
            throw new BrokenPromiseException($"McapScan goes to {scan.EndOfWholeRecords} of {input.Bytes.Length} bytes");
        _ = scan.CutAt(random.Below((int)scan.EndOfWholeRecords + 1));
        if (scan.TailError.IsError)
            Look(scan.TailError, input);
    }

    /// <summary>Each chunk with the records after it, as somebody's body.</summary>
    public static void Bodies(McapInput input, FuzzRandom random)
    {
        List<(McapOpcode Opcode, int Offset, int Bytes)> records = RecordMap.Of(input.Bytes);
        for (int i = 0; i < records.Count; i++)
        {
            if (records[i].Opcode != McapOpcode.Chunk)
                continue;
            int last = i;
            while (last + 1 < records.Count && records[last + 1].Opcode == McapOpcode.MessageIndex)
                last++;
            int end = records[last].Offset + records[last].Bytes - (random.OneIn(8) ? random.Below(9) : 0);
            Body(input.Bytes.AsSpan(records[i].Offset..end), input);
        }
    }

    private static void Body(ReadOnlySpan<byte> body, McapInput input)
    {
        if (!ChunkBody.TryParse(body, FuzzLimits.Mcap, out ChunkBodyInfo info, out McapError error))
        {
            Look(error, input);
            return;
        }

        foreach (ChunkBodyChannel channel in info.Channels)
        {
            McapMessageIndexView index = ChunkBody.MessageIndex(body, channel);
            if (index.Count != channel.Messages)
                throw new BrokenPromiseException($"a message index of {index.Count} entries says {channel.Messages}");
        }

        if (!ChunkBody.TryDecompress(body, info, FuzzLimits.Mcap, out IMemoryOwner<byte>? plain, out error))
        {
            Look(error, input);
            return;
        }

        using (plain)
        {
            try
            {
                foreach (McapMessageView message in ChunkBody.Messages(plain.Memory.Span))
                {
                    if (info.UncompressedCrc != 0)
                        Believe(input, message, "ChunkBody");
                }
            }
            catch (McapException e)
            {
                Look(e, input);
            }
        }
    }

    /// <summary>An error must say where: within the input.</summary>
    public static void Look(McapException e, McapInput input) => Look(e.Error, input);

    public static void Believe(McapInput input, in McapMessageView message, string who)
    {
        if (!input.IsForged && !input.Seed.Messages.Contains(McapSeed.Key(message)))
        {
            throw new BrokenPromiseException($"{who} gives a message that the file never had, though its chunk has a CRC: channel "
                + $"{message.ChannelId}, sequence {message.Sequence}, log time {message.LogTime}");
        }
    }

    private static void Look(McapError error, McapInput input)
    {
        if (!error.IsError || error.Offset < 0 || error.Offset > input.Bytes.Length || error.Message.Length > 2000)
            throw new BrokenPromiseException($"an error that does not say where, or too much: {error.Kind} at {error.Offset}");
    }

    private static void Try(McapInput input, Action read)
    {
        try
        {
            read();
        }
        catch (McapException e)
        {
            Look(e, input);
        }
    }

    private static void Read(McapInput input, McapIndexedReader reader, McapQuery query)
    {
        using McapMessageCursor cursor = reader.Read(query);
        ulong last = query.Order == McapOrder.ReverseLogTime ? ulong.MaxValue : 0;
        long count = 0;
        while (cursor.MoveNext())
        {
            ulong time = cursor.Current.LogTime;
            bool inOrder = query.Order switch
            {
                McapOrder.LogTime => time >= last,
                McapOrder.ReverseLogTime => time <= last,
                _ => true,
            };
            if (!inOrder)
                throw new BrokenPromiseException($"{query.Order} gives {time} after {last}");
            if (time < query.From || (query.To is ulong to && time >= to))
                throw new BrokenPromiseException($"{time} is out of the range that was asked for");
            last = time;
            count++;
            if (reader.IsFromSummary && !input.IsForged && HasCrcs(input, reader))
                Believe(input, cursor.Current, $"McapIndexedReader, {query.Order}");
        }

        if (count > input.Bytes.Length * 300L)
            throw new BrokenPromiseException($"{count} messages from {input.Bytes.Length} bytes");
    }

    private static void ReadLatest(McapInput input, McapIndexedReader reader, ulong time)
    {
        using McapMessageCursor cursor = reader.ReadLatestBefore(time, null);
        while (cursor.MoveNext())
        {
            if (cursor.Current.LogTime >= time)
                throw new BrokenPromiseException($"the latest before {time} is {cursor.Current.LogTime}");
        }
    }

    private static void ReadAttachment(McapIndexedReader reader, McapAttachmentIndex index)
    {
        _ = reader.ReadAttachment(index);
        using Stream stream = reader.OpenAttachment(index);
        stream.CopyTo(System.IO.Stream.Null);
    }

    private static void ReadBody(McapIndexedReader reader, McapChunkIndex index)
    {
        using IMemoryOwner<byte> body = reader.ReadChunkBody(index);
        ChunkBody.TryParse(body.Memory.Span, FuzzLimits.Mcap, out _, out _);
    }

    // Whether every chunk that the summary points to has a CRC.
    private static bool HasCrcs(McapInput input, McapIndexedReader reader)
    {
        foreach (McapChunkIndex index in reader.Chunks)
        {
            ulong at = index.ChunkStartOffset + RecordMap.PrefixBytes + 24;
            if (at + 4 > (ulong)input.Bytes.Length || input.Bytes.AsSpan((int)at, 4).IndexOfAnyExcept((byte)0) < 0)
                return false;
        }

        return true;
    }
}
