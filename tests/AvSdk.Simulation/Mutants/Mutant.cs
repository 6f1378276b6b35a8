using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using AvSdk.Recording;
using AvSdk.Recording.Spool;
using AvSdk.Recording.Uplink;

namespace AvSdk.Simulation.Mutants;

/// <summary>
/// A product that is broken on purpose, by what is put round its ports. The simulator has to catch it; one
/// without a change is not broken.
/// </summary>
internal sealed record Mutant(string Name)
{
    /// <summary>The product as it is.</summary>
    public static Mutant None { get; } = new("none");

    public Func<World, ISpoolFiles, ISpoolFiles> Files { get; init; } = static (_, files) => files;

    public Func<World, IUplink, IUplink> Uplink { get; init; } = static (_, uplink) => uplink;

    /// <summary>Under the gate where the gateway is killed: what it does is in one piece.</summary>
    public Func<World, IChunkIndex, IChunkIndex> Index { get; init; } = static (_, index) => index;

    public Func<World, IPackStore, IPackStore> Store { get; init; } = static (_, store) => store;

    /// <summary>What readers see.</summary>
    public Func<World, IChunkIndex, IChunkCatalogue> Catalogue { get; init; } = static (_, index) => index;

    public Func<RecorderOptions, RecorderOptions> Options { get; init; } = static options => options;

    public Func<LedgerSummary, LedgerSummary> Ledger { get; init; } = static ledger => ledger;
}
