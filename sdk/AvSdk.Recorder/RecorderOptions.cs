using AvSdk.Recording.Live;

namespace AvSdk.Recording;

/// <summary>The configuration of a recorder. Immutable; <see cref="Validate"/> before use.</summary>
public sealed record RecorderOptions
{
    /// <summary>The vehicle's name: 1 to 128 of <c>[A-Za-z0-9._-]</c>, for example <c>veh-042</c>.</summary>
    public required string VehicleId { get; init; }

    /// <summary>The folder of the spool; not needed where the ports bring the files. Default: none.</summary>
    public string? SpoolFolder { get; init; }

    /// <summary>
    /// The lanes, 1 to 16. Default: <c>events</c> (sync, first), <c>telemetry</c> and <c>sensors</c> (last,
    /// evicts).
    /// </summary>
    public IReadOnlyList<LaneOptions> Lanes { get; init; } = DefaultLanes;

    /// <summary>Which topic goes into which lane, where the channel does not say. Default: none.</summary>
    public IReadOnlyList<LaneRule> LaneRules { get; init; } = [];

    /// <summary>
    /// The lane of topics that no rule fits. Default: <c>telemetry</c> if there is one, else the first lane.
    /// </summary>
    public string? DefaultLane { get; init; }

    /// <summary>
    /// What may be watched while it is recorded, where the uplink is an <see cref="ILiveLink"/>. Default: nothing.
    /// </summary>
    public IReadOnlyList<LiveRule> Live { get; init; } = [];

    /// <summary>
    /// Bytes for chunks that are being built or are on their way to the spool; 1 MiB to 16 GiB. Default: 64
    /// MiB. A chunk counts twice until it is compressed: once as it is, once for what it will be.
    /// </summary>
    public long MemoryBytesMax { get; init; } = 64 << 20;

    /// <summary>
    /// The largest payload, bytes; at most two fifths of the memory, and 1 GiB. Default: 16 MiB.
    /// </summary>
    public int MessageBytesMax { get; init; } = 16 << 20;

    /// <summary>
    /// Chunks that are compressed at the same time; 1 to 64. Default: half of the processors.
    /// </summary>
    public int CompressionWorkers { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>
    /// Bytes of the disk that the spool leaves free, whatever the quotas say. Default: 64 MiB.
    /// </summary>
    public long FreeBytesMin { get; init; } = 64 << 20;

    /// <summary>
    /// Bytes that all segments together may fill, files put aside as <c>*.damaged</c> included; at least 4 MiB for each
    /// lane. Default: none, the lanes' quotas are the limit.
    /// </summary>
    public long? SpoolBytesMax { get; init; }

    /// <summary>
    /// The <see cref="LaneOptions.AgeMax"/> of lanes that have none, or a longer one; sync lanes excepted. Default: none.
    /// </summary>
    public TimeSpan? AgeMax { get; init; }

    /// <summary>
    /// Whether files put aside as <c>*.damaged</c> stay until somebody deletes them. False: where the spool or the disk is
    /// full they go, oldest first, before a chunk is evicted that can still be delivered. Default: false.
    /// </summary>
    public bool KeepDamaged { get; init; }

    /// <summary>
    /// Marks that are kept at a time: those whose window is not over or of which something waits for its receipt; 1 to
    /// 10,000. Default: 1000.
    /// </summary>
    public int MarksMax { get; init; } = 1000;

    /// <summary>
    /// Free key-value pairs of the operator: route, driver, software of the car. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } =
        System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// The software that records, for example <c>avagent/0.1.0</c>. Default: <c>avsdk/</c> and its version.
    /// </summary>
    public string Software { get; init; } =
        "avsdk/" + (typeof(RecorderOptions).Assembly.GetName().Version?.ToString(3) ?? "0");

    /// <summary>How chunks go to the gateway.</summary>
    public UploadOptions Upload { get; init; } = new();

    /// <summary>Over which links they go. Default: none are named, the uplink is used whatever it goes over.</summary>
    public LinksOptions Links { get; init; } = new();

    /// <summary>The lanes of a recorder that is told nothing else.</summary>
    public static IReadOnlyList<LaneOptions> DefaultLanes { get; } =
    [
        new LaneOptions
        {
            Name = "events", Priority = 100, Durability = LaneDurability.Sync,
            ChunkWindow = TimeSpan.FromMilliseconds(100),
        },
        new LaneOptions { Name = "telemetry", Priority = 50 },
        new LaneOptions { Name = "sensors", Priority = 0, WhenFull = WhenFull.EvictOldest, QuotaBytes = 64L << 30 },
    ];

    /// <summary>All problems at once; empty: the options can be used.</summary>
    public IReadOnlyList<OptionProblem> Validate() => RecorderOptionsCheck.Problems(this);
}
