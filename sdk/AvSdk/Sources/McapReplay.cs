using System.Runtime.CompilerServices;
using AvSdk.Mcap;
using AvSdk.Recording;

namespace AvSdk.Sources;

/// <summary>
/// Records what an MCAP file holds once more: each message with its log time, publish time, sequence and
/// payload, each channel with its schema, encoding and metadata, in the order of the file.
/// </summary>
/// <remarks>Attachments and metadata records are not messages and stay behind.</remarks>
public sealed class McapReplay
{
    private const int ReadBufferBytes = 1 << 16;

    private readonly string _path;
    private readonly McapReplayOptions _options;

    /// <summary>A replay of a file.</summary>
    /// <param name="path">Of the file; chunked or not, with LZ4, Zstandard or no compression.</param>
    /// <param name="options">Null: the defaults.</param>
    public McapReplay(string path, McapReplayOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _path = path;
        _options = options ?? McapReplayOptions.Default;
    }

    /// <summary>Reads the file and writes its messages to a recorder. Does not flush it.</summary>
    /// <param name="recorder">Where the messages go; borrowed.</param>
    /// <param name="rate">
    /// 1: as the log times have it; 2: twice as fast. Like a live source it does not wait for the recorder:
    /// what that drops is counted. 0: as fast as the recorder takes it, waiting for room, dropping nothing
    /// that fits.
    /// </param>
    /// <param name="time">What the rate goes by.</param>
    /// <param name="progress">Told about ten times a second and at the end; null: nobody.</param>
    /// <param name="cancellationToken">Ends the replay.</param>
    /// <returns>What was written, when the file is through.</returns>
    /// <exception cref="IOException">The file is not there, or cannot be read.</exception>
    /// <exception cref="McapException">
    /// It is not a good MCAP file; what came before the place that the error names has been written.
    /// </exception>
    /// <exception cref="ArgumentException">The recorder has a topic of the file with another
    /// schema.</exception>
    /// <exception cref="RecorderException">The recorder stopped.</exception>
    public Task<SourceProgress> RunAsync(
        IRecorder recorder, double rate, TimeProvider time, IProgress<SourceProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        SourcePace pace = new(rate, time, progress);
        // Unpacking costs a processor's time: not the caller's.
        return Task.Run(() => RunAsync(recorder, pace, cancellationToken), cancellationToken);
    }

    private async Task<SourceProgress> RunAsync(
        IRecorder recorder, SourcePace pace, CancellationToken cancellationToken)
    {
        FileStream file = new(
            _path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, ReadBufferBytes,
            FileOptions.SequentialScan);
        await using ConfiguredAsyncDisposable owned = file.ConfigureAwait(false);
        pace.Expect(McapTotals.MessagesIn(file), file.Length);

        using McapStreamReader reader = new(file, _options.Read, leaveOpen: true);
        Dictionary<ushort, RecordingChannel> channels = [];
        byte[] scratch = [];
        while (reader.ReadMessage())
        {
            if (!channels.TryGetValue(reader.MessageChannel.Id, out RecordingChannel? channel))
            {
                channel = recorder.Channel(SpecOf(reader.MessageChannel, reader.Schemas));
                channels.Add(reader.MessageChannel.Id, channel);
            }

            MessageStamp stamp = StampOf(reader.Message);
            await pace.WaitAsync(stamp.LogTime, cancellationToken).ConfigureAwait(false);
            WriteResult result;
            if (pace.WaitsForRoom)
            {
                // The reader's span does not live over an await.
                int bytes = reader.Message.Data.Length;
                if (scratch.Length < bytes)
                    scratch = GC.AllocateUninitializedArray<byte>(bytes + (bytes / 4));
                reader.Message.Data.CopyTo(scratch);
                result = await channel.WriteRawAsync(stamp, scratch.AsMemory(0, bytes), cancellationToken)
                    .ConfigureAwait(false);
            }
            else
            {
                result = channel.WriteRaw(stamp, reader.Message.Data);
            }

            pace.Count(channel.Spec.Topic, stamp.LogTime, file.Position, result);
        }

        return pace.Finish(file.Length);
    }

    private static MessageStamp StampOf(in McapMessageView message) =>
        new(message.LogTime, message.PublishTime, message.Sequence);

    private ChannelSpec SpecOf(McapChannel channel, IReadOnlyDictionary<ushort, McapSchema> schemas)
    {
        // Schema 0 is none; any other that is missing is the reader's error.
        McapSchema? schema = channel.SchemaId == 0 ? null : schemas[channel.SchemaId];
        return new ChannelSpec
        {
            Topic = channel.Topic,
            MessageEncoding = channel.MessageEncoding,
            Schema = schema is null ? null : new SchemaSpec(schema.Name, schema.Encoding, schema.Data),
            Lane = _options.LaneOf(channel.Topic),
            Metadata = channel.Metadata,
        };
    }
}
