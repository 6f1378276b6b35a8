using System.Buffers;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Inspection;

/// <summary>Exports a spool.</summary>
internal sealed class SpoolExport
{
    private readonly ISpoolFiles _files;
    private readonly SpoolExportSelection _selection;
    private readonly McapWriter _writer;
    private readonly ExportedChannels _channels;
    private readonly List<SpoolFinding> _leftOut = [];
    private int _recordings;
    private ulong _messages;
    private long _copied;
    private long _filtered;

    private SpoolExport(ISpoolFiles files, SpoolExportSelection selection, McapWriter writer)
    {
        _files = files;
        _selection = selection;
        _writer = writer;
        _channels = new ExportedChannels(writer);
    }

    public static SpoolExportReport Run(
        ISpoolFiles files, IMcapSink output, SpoolExportSelection selection, CancellationToken cancellationToken)
    {
        using McapWriter writer = new(output, new McapWriterOptions
        {
            FinishOnDispose = false,
            Limits = SegmentWriter.Options.Limits,
        });
        SpoolExport export = new(files, selection, writer);
        foreach ((Guid id, List<SpoolContentsSegment> segments) in SpoolContents.Find(files).Recordings)
        {
            if ((selection.RecordingId ?? id) == id)
                export.Add(segments, cancellationToken);
        }

        writer.Finish();
        output.Flush();
        return new SpoolExportReport(
            export._recordings, export._messages, export._copied, export._filtered, export._leftOut);
    }

    // The lanes are merged by the log time of their next chunk; the order within a lane stays.
    private void Add(List<SpoolContentsSegment> segments, CancellationToken cancellationToken)
    {
        _channels.BeginRecording();
        ulong messagesBefore = _messages;
        bool isDescribed = false;
        List<LaneCursor> lanes = [];
        foreach (IGrouping<string, SpoolContentsSegment> lane in segments.GroupBy(static segment => segment.Name.Lane))
        {
            LaneCursor cursor = new(_files, lane, _leftOut);
            if (cursor.MoveNext())
                lanes.Add(cursor);
        }

        while (lanes.MinBy(static lane => lane.FirstLogTime) is { } next)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Take(next, ref isDescribed) is { Length: > 0 } problem)
                _leftOut.Add(new SpoolFinding(next.FileName, next.Current.Sequence, !next.IsAtTail, problem));
            if (!next.MoveNext())
                lanes.Remove(next);
        }

        if (_messages > messagesBefore)
            _recordings++;
    }

    // Returns what is wrong with the chunk; empty: nothing.
    private string Take(LaneCursor lane, ref bool isDescribed)
    {
        ScannedChunk chunk = lane.Current;
        if (chunk.Record?.Header is { } header && !IsWanted(header, lane.Scan))
            return "";
        byte[] buffer = ArrayPool<byte>.Shared.Rent(checked((int)chunk.Place.BodyBytes));
        try
        {
            Span<byte> body = buffer.AsSpan(0, (int)chunk.Place.BodyBytes);
            if (InspectedSegment.Verify(lane.File, chunk, body) is { Length: > 0 } problem)
                return problem;
            if (!isDescribed && lane.Scan.Mcap.Metadata is [{ } metadata, ..])
            {
                isDescribed = true;
                _writer.WriteMetadata(metadata with
                {
                    Values = metadata.Values.Where(static pair => pair.Key != "lane")
                        .ToDictionary(static pair => pair.Key, static pair => pair.Value),
                });
            }

            Write(body, chunk.Record!.Header, lane.Scan);
            return "";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool IsWanted(ChunkHeader header, SegmentScan scan) =>
        _selection.Touches(header.FirstLogTime, header.LastLogTime)
        && header.Channels.Any(channel => Topic(scan, channel.ChannelId) is { } topic && _selection.Wants(topic));

    private static string? Topic(SegmentScan scan, uint channelId) =>
        scan.Mcap.Channels.FirstOrDefault(channel => channel.Id == channelId)?.Topic;

    private void Write(ReadOnlySpan<byte> body, ChunkHeader header, SegmentScan scan)
    {
        Dictionary<ushort, ushort> wanted = [];
        bool isVerbatim = _selection.Wants(header.FirstLogTime) && _selection.Wants(header.LastLogTime);
        foreach (ChunkChannel counted in header.Channels)
        {
            McapChannel? channel = scan.Mcap.Channels.FirstOrDefault(channel => channel.Id == counted.ChannelId);
            if (channel is null || !_selection.Wants(channel.Topic))
            {
                isVerbatim = false;
                continue;
            }

            ushort id = _channels.Map(channel, scan.Mcap.Schemas);
            isVerbatim &= id == channel.Id;
            wanted.Add(channel.Id, id);
        }

        if (isVerbatim)
        {
            _writer.WriteChunkBody(body);
            _messages += header.MessageCount();
            _copied++;
            return;
        }

        _filtered++;
        using IMemoryOwner<byte> records = ChunkBody.Decompress(body, SegmentWriter.Options.Limits);
        foreach (McapMessageView message in ChunkBody.Messages(records.Memory.Span))
        {
            if (!wanted.TryGetValue(message.ChannelId, out ushort id) || !_selection.Wants(message.LogTime))
                continue;
            _writer.WriteMessage(id, message.Sequence, message.LogTime, message.PublishTime, message.Data);
            _messages++;
        }
    }
}
