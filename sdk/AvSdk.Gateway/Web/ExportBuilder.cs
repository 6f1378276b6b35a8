using System.Buffers;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using AvSdk.Mcap;

namespace AvSdk.Gateway.Web;

/// <summary>
/// Writes one standard MCAP with exactly the messages of a plan. Chunks that lie wholly in it are copied as
/// the vehicle compressed them; the others are taken apart and what is selected is compressed again.
/// </summary>
internal sealed class ExportBuilder(IPackStore store)
{
    /// <summary>Writes to <paramref name="output"/> and returns the number of messages.</summary>
    public async Task<long> WriteAsync(ExportPlan plan, Stream output, CancellationToken cancellationToken)
    {
        ExportChannels channels = new(plan.Recordings, plan.Selection.Topics);
        using McapWriter writer = new(
            output, new McapWriterOptions { FinishOnDispose = false }, leaveOpen: true);
        foreach (RecordingDefinitions recording in plan.Recordings)
            writer.WriteMetadata(PackFormat.Describe(recording.Info));
        foreach (McapSchema schema in channels.Schemas)
            writer.AddSchema(schema);
        foreach (McapChannel channel in channels.Channels)
            writer.AddChannel(channel);

        long messages = 0;
        foreach (IndexedChunk chunk in plan.Chunks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int bytes = checked((int)chunk.Header.BodyBytes);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes);
            try
            {
                await store.ReadAsync(
                    new PackId(chunk.VehicleId, chunk.Key.RecordingId, chunk.Location!.Value.Pack),
                    chunk.Location.Value.BodyOffset,
                    buffer.AsMemory(0, bytes),
                    cancellationToken).ConfigureAwait(false);
                messages += Write(writer, plan.Selection, chunk, channels, buffer.AsSpan(0, bytes));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        writer.Finish();
        return messages;
    }

    private static long Write(
        McapWriter writer,
        ChunkSelection selection,
        IndexedChunk chunk,
        ExportChannels channels,
        ReadOnlySpan<byte> body)
    {
        ulong start = selection.Start ?? 0;
        bool isInside = chunk.Header.FirstLogTime >= start
            && (selection.End is not { } end || chunk.Header.LastLogTime < end);
        if (isInside && channels.AreUnchanged(chunk.Header))
        {
            writer.WriteChunkBody(body);
            return chunk.Header.Channels.Sum(channel => (long)channel.Messages);
        }

        using IMemoryOwner<byte> records = ChunkBody.Decompress(body);
        long messages = 0;
        foreach (McapMessageView message in ChunkBody.Messages(records.Memory.Span))
        {
            if (message.LogTime < start || (selection.End is { } to && message.LogTime >= to)
                || channels.IdOf(chunk.Key.RecordingId, message.ChannelId) is not { } channel)
            {
                continue;
            }

            writer.WriteMessage(
                channel, message.Sequence, message.LogTime, message.PublishTime, message.Data);
            messages++;
        }

        return messages;
    }
}
