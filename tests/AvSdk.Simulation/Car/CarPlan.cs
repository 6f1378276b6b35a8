using AvSdk.Recording;
using AvSdk.Simulation.Workload;

namespace AvSdk.Simulation.Car;

/// <summary>How a car is configured in one run, drawn from the seed.</summary>
internal sealed class CarPlan
{
    public required RecorderOptions Options { get; init; }

    public required IReadOnlyList<Topic> Topics { get; init; }

    public required long DiskBytes { get; init; }

    /// <param name="chance">Decides.</param>
    /// <param name="vehicleId">The car's name.</param>
    /// <param name="slowness">Messages come so many times slower.</param>
    /// <param name="isTight">Memory, quotas and disk are small, messages many.</param>
    public static CarPlan Draw(Random chance, string vehicleId, bool isTight, int slowness)
    {
        LaneOptions[] lanes = Lanes(chance, isTight);
        RecorderOptions options = new()
        {
            VehicleId = vehicleId,
            Lanes = lanes,
            MemoryBytesMax = isTight ? (1 << 20) + chance.Next(1 << 20) : 16 << 20,
            MessageBytesMax = isTight ? 400 << 10 : 1 << 20,
            CompressionWorkers = 1 + chance.Next(3),
            FreeBytesMin = chance.Next(2) == 0 ? 0 : 64 << 10,
            Software = "avagent/simulated",
            Upload = new UploadOptions
            {
                RetryDelay = TimeSpan.FromMilliseconds(50 + chance.Next(1000)),
                RetryDelayMax = TimeSpan.FromSeconds(2 + chance.Next(30)),
                PartBytes = 4096 << chance.Next(8),
                AnnounceChunksMax = 1 << chance.Next(9),
                ReplyTimeout = TimeSpan.FromSeconds(5 + chance.Next(120)),
                DrainTimeout = TimeSpan.FromSeconds(chance.Next(5)),
            },
        };
        List<Topic> topics = [];
        int count = 2 + chance.Next(6);
        for (int at = 0; at < count; at++)
        {
            LaneOptions lane = lanes[chance.Next(lanes.Length)];
            bool isLarge = chance.Next(isTight ? 2 : 5) == 0;
            bool isOfSource = chance.Next(3) == 0 && lane.Durability is not LaneDurability.InMemory;
            topics.Add(new Topic(chance.Next(), $"/{(isOfSource ? "source" : "topic")}{at}", lane, isOfSource)
            {
                Period = slowness * TimeSpan.FromMilliseconds(isLarge ? 500 + chance.Next(3000) : 50 + chance.Next(1500)),
                BurstMax = 1 + chance.Next(20),
                SizeMax = isLarge ? 1 + chance.Next(300 << 10) : 1 + chance.Next(4 << 10),
                IsCompressible = chance.Next(2) == 0,
            });
        }

        return new CarPlan
        {
            Options = options,
            Topics = topics,
            DiskBytes = isTight ? (5 << 20) + chance.Next(8 << 20) : 1 << 30,
        };
    }

    private static LaneOptions[] Lanes(Random chance, bool isTight)
    {
        List<LaneOptions> lanes =
        [
            Lane(chance, "events", LaneDurability.Sync, isTight) with
            {
                Priority = 100,
                ChunkWindow = TimeSpan.FromMilliseconds(20 + chance.Next(500)),
            },
            Lane(chance, "telemetry", LaneDurability.Interval(TimeSpan.FromMilliseconds(100 + chance.Next(4000))), isTight)
                with
            {
                Priority = 50,
            },
        ];
        if (chance.Next(2) == 0)
            lanes.Add(Lane(chance, "raw", LaneDurability.Memory, isTight));
        return [.. lanes];
    }

    private static LaneOptions Lane(Random chance, string name, LaneDurability durability, bool isTight) => new()
    {
        Name = name,
        Durability = durability,
        ChunkBytes = (64 << 10) << chance.Next(3),
        ChunkWindow = TimeSpan.FromMilliseconds(50 + chance.Next(3000)),
        SegmentBytesMax = 1 << 20,
        SegmentAgeMax = TimeSpan.FromSeconds(1 + chance.Next(30)),
        QuotaBytes = isTight ? 4 << 20 : 1L << 30,
        WhenFull = isTight && name != "events" && chance.Next(2) == 0 ? WhenFull.EvictOldest : WhenFull.Refuse,
        DeleteAfterReceipt = chance.Next(5) != 0,
        KeepAfterReceipt = chance.Next(3) == 0 ? TimeSpan.FromSeconds(chance.Next(60)) : TimeSpan.Zero,
        LargeMessageBytes = 16 << 10,
        LargeChannelBytesPerSecond = 32 << 10,
    };
}
