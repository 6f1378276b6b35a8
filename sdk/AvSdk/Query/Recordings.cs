using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>Single recordings at a gateway; <see cref="Catalogue.RecordingsAsync"/> lists them.</summary>
/// <remarks>Safe for use from any number of threads.</remarks>
public sealed class Recordings
{
    private readonly AvClient _client;

    internal Recordings(AvClient client) => _client = client;

    /// <summary>
    /// What became of every message of a recording: the vehicle's ledger set against the gateway's store.
    /// </summary>
    /// <exception cref="AvQueryException">The gateway is not there, or does not know the recording.</exception>
    public async Task<RecordingLedger> LedgerAsync(Guid recordingId, CancellationToken cancellationToken)
    {
        V1.GetLedgerRequest request = new() { RecordingId = RecordingIds.ToBytes(recordingId) };
        return Replies.ToLedger(await _client.GetLedgerAsync(request, cancellationToken).ConfigureAwait(false));
    }
}
