using AvSdk.Gateway.Index;

namespace AvSdk.Gateway.Store;

/// <summary>Finds out at the start whether the index was lost and the packs were not.</summary>
/// <remarks>
/// A gateway that went on with a new index would answer that nothing was ever recorded, and ask vehicles for
/// everything again.
/// </remarks>
internal sealed class LostIndexCheck(IChunkIndex index, IPackStore store)
{
    /// <exception cref="IOException">The index is empty and the store is not.</exception>
    public async ValueTask RunAsync(
        string dataFolder, IReadOnlyList<OpenPack> open, CancellationToken cancellationToken)
    {
        if (!await IsEmptyAsync(open, cancellationToken).ConfigureAwait(false))
            return;
        await foreach (PackId pack in store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            string folder = Path.GetFullPath(dataFolder);
            throw new IOException(
                $"The chunk index in {folder} is empty, but there are packs, {pack} for one: the index was "
                + $"lost. Run `avgateway rebuild-index --data {folder}`, then start again. Packs that it "
                + "cannot read it names; if it can read none, move them out of the packs folder.");
        }
    }

    // The cheapest question first: all but a new gateway's index answer no to it.
    private async ValueTask<bool> IsEmptyAsync(
        IReadOnlyList<OpenPack> open, CancellationToken cancellationToken) =>
        open.Count == 0
        && await index.GetLastOrdinalAsync(cancellationToken).ConfigureAwait(false) == 0
        && (await index.ListVehiclesAsync(cancellationToken).ConfigureAwait(false)).Count == 0;
}
