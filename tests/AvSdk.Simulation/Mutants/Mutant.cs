using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using AvSdk.Recording.Spool;
using AvSdk.Recording.Uplink;
using AvSdk.Simulation.Car;
using AvSdk.Simulation.Gateway;

namespace AvSdk.Simulation.Mutants;

/// <summary>
/// A product that is broken on purpose, by what is put round its ports; this one is not. The simulator has to
/// catch every other.
/// </summary>
internal class Mutant
{
    public virtual string Name => "none";

    public virtual ISpoolFiles Files(ISpoolFiles files, SimulatedCar car) => files;

    public virtual IUplink Uplink(IUplink uplink, SimulatedCar car) => uplink;

    /// <summary>Under the gate where the process is killed: what it does is in one piece.</summary>
    public virtual IChunkIndex BareIndex(IChunkIndex index) => index;

    /// <summary>Over the gate.</summary>
    public virtual IChunkIndex Index(IChunkIndex index, SimulatedGateway gateway) => index;

    public virtual IPackStore Store(IPackStore store, SimulatedGateway gateway) => store;

    /// <summary>What readers see.</summary>
    public virtual IChunkCatalogue Catalogue(IChunkIndex index) => index;
}
