using AvSdk.Gateway.Index;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Store;

/// <summary>Makes packs whole that were left open by a crash or given up after an error.</summary>
internal sealed class PackRepair(IPackStore store, IChunkIndex index, ILogger logger)
{
    /// <summary>
    /// Cuts the pack behind its last chunk with a row and seals it. False: to be tried again.
    /// </summary>
    public async ValueTask<bool> TryRepairAsync(PackId id, CancellationToken cancellationToken)
    {
        try
        {
            OpenPack? open = await index.FindOpenPackAsync(id.RecordingId, id.Number, cancellationToken)
                .ConfigureAwait(false);
            if (open is null)
                return true;

            // The file goes before its row, so that no row ever names a number whose file is another's.
            if (await store.RepairAsync(id, open.IndexedBytes, cancellationToken).ConfigureAwait(false))
            {
                await index.SealPackAsync(id.RecordingId, id.Number, cancellationToken).ConfigureAwait(false);
                StoreLog.PackRepaired(logger, id);
            }
            else
            {
                await index.RemovePackAsync(id.RecordingId, id.Number, cancellationToken)
                    .ConfigureAwait(false);
                StoreLog.PackRemoved(logger, id);
            }

            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            StoreLog.RepairFailed(logger, id, failure);
            return false;
        }
    }
}
