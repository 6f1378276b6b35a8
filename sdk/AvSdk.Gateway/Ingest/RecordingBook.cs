using System.Collections.Concurrent;
using AvSdk.Gateway.Index;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// The index's recordings, kept at hand: every part and chunk asks for one. Safe for threads.
/// </summary>
internal sealed class RecordingBook(IChunkIndex index)
{
    private const int RecordingsMax = 1024;
    private readonly ConcurrentDictionary<Guid, KnownRecording> _known = [];

    /// <summary>Null: it has not been defined.</summary>
    public async ValueTask<KnownRecording?> FindAsync(
        Guid recordingId, CancellationToken cancellationToken) =>
        _known.TryGetValue(recordingId, out KnownRecording? known)
            ? known
            : await ReloadAsync(recordingId, cancellationToken).ConfigureAwait(false);

    /// <summary>After the index was told something new.</summary>
    public async ValueTask<KnownRecording?> ReloadAsync(Guid recordingId, CancellationToken cancellationToken)
    {
        RecordingDefinitions? definitions = await index.FindRecordingAsync(recordingId, cancellationToken)
            .ConfigureAwait(false);
        if (definitions is null)
            return null;
        if (_known.Count >= RecordingsMax)
            _known.Clear();

        // Definitions only grow: of two that loaded at the same time the one that saw more is right.
        KnownRecording loaded = new(definitions);
        return _known.AddOrUpdate(
            recordingId, loaded, (_, other) => Size(other) > Size(loaded) ? other : loaded);
    }

    private static int Size(KnownRecording recording) =>
        recording.Definitions.Channels.Count + recording.Definitions.Schemas.Count;
}
