using AvSdk.Contracts.Identity;
using AvSdk.Gateway.Admission;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// Everything between a vehicle's stream and a receipt, put together over an index, a store and a clock; from
/// opening, which finds what a crash left, to closing, which seals.
/// </summary>
internal sealed class IngestHost : IAsyncDisposable
{
    private readonly GatewayOptions _options;
    private readonly IChunkIndex _index;
    private readonly IPackStore _store;
    private readonly GatewayMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PartStaging _staging;
    private readonly CancellationTokenSource _stopping = new();
    private ChunkCommitter? _committer;
    private IngestPipeline? _pipeline;
    private ITimer? _cleaner;
    private Task _repairing = Task.CompletedTask;

    public IngestHost(
        GatewayOptions options, IChunkIndex index, IPackStore store, GatewayMeter meter, TimeProvider time,
        ILogger logger)
    {
        _options = options;
        _index = index;
        _store = store;
        _meter = meter;
        _time = time;
        _logger = logger;
        _staging = new PartStaging(options.StagingBytesMax, options.StagingAgeMax, time);
        Admission = new SessionGate(
            options.Admission, options.Admission.StagedBytesMax ?? options.StagingBytesMax / 10 * 9, () => _staging.BytesInUse,
            meter, time, logger);
        Vehicles = new ConnectedVehicles(time);
    }

    public SessionGate Admission { get; }

    public ConnectedVehicles Vehicles { get; }

    /// <summary>Memory for unfinished chunks, taken now.</summary>
    public long StagingBytes => _staging.Bytes;

    /// <summary>Opens the index and begins to repair what a crash left behind; once, before any stream.</summary>
    /// <exception cref="IOException">Index or store cannot be used.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _index.OpenAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<OpenPack> left = await _index.ListOpenPacksAsync(cancellationToken)
            .ConfigureAwait(false);
        await new LostIndexCheck(_index, _store).RunAsync(_options.DataFolder, left, cancellationToken)
            .ConfigureAwait(false);
        _committer = new ChunkCommitter(_store, _index, _options, _meter, _time, _logger);
        _pipeline = new IngestPipeline(
            _index, _staging, _committer, IngestLimits.From(_options), _meter, _logger);
        TimeSpan period = TimeSpan.FromTicks(
            Math.Max(TimeSpan.TicksPerSecond, _options.StagingAgeMax.Ticks / 4));
        _cleaner = _time.CreateTimer(_ => _staging.LetGoOld(), null, period, period);

        // New packs get new numbers, so ingest need not wait for old ones to be made whole.
        _repairing = RepairAsync(left, _stopping.Token);
    }

    /// <summary>A shell for one vehicle's stream; the caller disposes it.</summary>
    /// <param name="vehicle">Who it is by his certificate; null: who he says he is.</param>
    public IngestStream OpenStream(PeerIdentity? vehicle = null) => new(
        new IngestSession(IngestLimits.From(_options), _options.Software, vehicle),
        _pipeline
            ?? throw new InvalidOperationException("The gateway has not been started: start the host first."),
        Vehicles,
        _index,
        _time,
        _logger,
        Admission);

    /// <summary>After the last stream ended: commits what is queued and seals every pack.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _repairing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_cleaner is not null)
            await _cleaner.DisposeAsync().ConfigureAwait(false);
        if (_committer is not null)
            await _committer.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RepairAsync(IReadOnlyList<OpenPack> left, CancellationToken cancellationToken)
    {
        PackRepair repair = new(_store, _index, _logger);
        foreach (OpenPack pack in left)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PackId id = new(pack.VehicleId, pack.RecordingId, pack.Number);
            await repair.TryRepairAsync(id, cancellationToken).ConfigureAwait(false);
        }
    }
}
