using System.Security.Cryptography;
using AvSdk.Mcap.Tool.Commands;
using AvSdk.Mcap.Tool.Progress;

namespace AvSdk.Mcap.Tool.Edits;

/// <summary>
/// Makes one file of several, in log-time order; equal times in the order of the inputs. Memory holds the chunks
/// at hand of each input, no more. Equal metadata and equal attachments are written once.
/// </summary>
internal static class MergeEdit
{
    /// <exception cref="ToolFailure">An input's bytes are not good; it is named.</exception>
    public static EditReport Run(
        IReadOnlyList<MergeInput> inputs, McapWriter writer, IProgress<WorkDone>? progress,
        CancellationToken cancellationToken)
    {
        MergedDefinitions definitions = new(writer);
        List<Lane> lanes = [];
        try
        {
            foreach (MergeInput input in inputs)
            {
                lanes.Add(new Lane(input, definitions.Add(input.Reader.Schemas.Values, input.Reader.Channels.Values),
                    input.Reader.Read(McapQuery.All)));
            }

            int metadata = CopyMetadata(inputs, writer);
            int attachments = CopyAttachments(inputs, writer, cancellationToken);
            return new EditReport
            {
                Messages = CopyMessages(lanes, writer, progress, cancellationToken),
                Channels = definitions.Channels,
                Metadata = metadata,
                Attachments = attachments,
            };
        }
        finally
        {
            foreach (Lane lane in lanes)
                lane.Messages.Dispose();
        }
    }

    private static ulong CopyMessages(
        List<Lane> lanes, McapWriter writer, IProgress<WorkDone>? progress, CancellationToken cancellationToken)
    {
        long? total = lanes.All(lane => lane.Input.Reader.Statistics is not null)
            ? lanes.Sum(lane => (long)lane.Input.Reader.Statistics!.MessageCount) : null;
        PriorityQueue<Lane, (ulong LogTime, int Number)> next = new();
        for (int i = 0; i < lanes.Count; i++)
            Advance(lanes[i], i);
        ulong written = 0;
        while (next.TryDequeue(out Lane? lane, out (ulong LogTime, int Number) key))
        {
            McapMessageView message = lane.Messages.Current;
            writer.WriteMessage(
                lane.Ids[message.ChannelId], message.Sequence, message.LogTime, message.PublishTime, message.Data);
            if (WorkDone.IsTime(++written))
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new WorkDone((long)written, total));
            }

            Advance(lane, key.Number);
        }

        return written;

        void Advance(Lane lane, int number)
        {
            if (Of(lane.Input, lane.Messages.MoveNext))
                next.Enqueue(lane, (lane.Messages.Current.LogTime, number));
        }
    }

    private static int CopyMetadata(IReadOnlyList<MergeInput> inputs, McapWriter writer)
    {
        HashSet<McapMetadata> written = [];
        foreach (MergeInput input in inputs)
        {
            foreach (McapMetadataIndex index in input.Reader.MetadataIndexes)
            {
                McapMetadata metadata = Of(input, () => input.Reader.ReadMetadata(index));
                if (written.Add(metadata))
                    writer.WriteMetadata(metadata);
            }
        }

        return written.Count;
    }

    private static int CopyAttachments(
        IReadOnlyList<MergeInput> inputs, McapWriter writer, CancellationToken cancellationToken)
    {
        // Their hashes, since the attachments themselves may be large.
        HashSet<(string Name, string MediaType, ulong LogTime, ulong CreateTime, string Hash)> written = [];
        foreach (MergeInput input in inputs)
        {
            foreach (McapAttachmentIndex index in input.Reader.Attachments)
            {
                cancellationToken.ThrowIfCancellationRequested();
                string hash = Of(input, () => HashOf(input.Reader, index));
                if (written.Add((index.Name, index.MediaType, index.LogTime, index.CreateTime, hash)))
                    Of(input, () => ExtrasCopy.Attachment(input.Reader, index, writer));
            }
        }

        return written.Count;
    }

    private static string HashOf(McapIndexedReader reader, McapAttachmentIndex index)
    {
        using Stream data = reader.OpenAttachment(index);
        return Convert.ToHexString(SHA256.HashData(data));
    }

    private static void Of(MergeInput input, Action read) => Of(input, () =>
    {
        read();
        return 0;
    });

    private static T Of<T>(MergeInput input, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (McapException e)
        {
            throw ToolFailure.Unreadable(input.Name, e.Error);
        }
    }

    private sealed record Lane(MergeInput Input, IReadOnlyDictionary<ushort, ushort> Ids, McapMessageCursor Messages);
}
