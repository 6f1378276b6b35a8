using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;
using AvSdk.Recording;
using AvSdk.Simulation.Car;
using AvSdk.Simulation.Network;
using AvSdk.Simulation.Workload;

namespace AvSdk.Simulation.Checks;

/// <summary>
/// Sees everything that the product promises while it runs: what was offered and accepted, which flush ended,
/// what sources were told, which receipts went out. At the end <see cref="FinalCheck"/> holds it to that.
/// </summary>
internal sealed class Oracle(World world)
{
    // A chunk is closed and flushed when its time is over; the disk takes no virtual time.
    private static readonly TimeSpan s_slack = TimeSpan.FromMilliseconds(2);

    private const int LargeBytes = 16 << 10;

    private readonly List<Violation> _violations = [];
    private readonly Dictionary<string, string> _evicting = new(StringComparer.Ordinal);

    public IReadOnlyList<Violation> Violations => _violations;

    /// <summary>Chunks that the product said it evicted.</summary>
    public HashSet<ChunkKey> Evicted { get; } = [];

    /// <summary>Chunks that the simulation damaged at rest.</summary>
    public HashSet<ChunkKey> Rotten { get; } = [];

    /// <summary>Cars whose journal, or some position in a segment, was damaged at rest.</summary>
    public HashSet<SimulatedCar> RottenPositions { get; } = [];

    /// <summary>Receipts that the gateway gave, with the hash that it said it stored.</summary>
    public Dictionary<ChunkKey, Google.Protobuf.ByteString> Receipts { get; } = [];

    public long Messages { get; private set; }

    public void Add(ViolationKind kind, string text)
    {
        world.Trace.Note("oracle", $"{kind}: {text}");
        if (_violations.Count < 100)
            _violations.Add(new Violation(kind, text));
    }

    public void Unexplained(string text) => Add(ViolationKind.Unexplained, text);

    public void Offered(SimulatedCar car, CarLife life, LifeTopic offered, Message message, WriteResult result)
    {
        Messages++;
        world.Trace.Note(car.Name, $"{offered.Topic.Name} {message.Ordinal}, {message.Size} bytes: {result}");
        message.InDoubtIn = null;
        if (result == WriteResult.Accepted)
        {
            offered.Accepted.Add((message.Ordinal, world.Clock.Now));
            message.AcceptedIn = offered;
            if (message.Size > LargeBytes)
                Bounds.CheckMemory(world, car, life);
            return;
        }

        offered.Drop(result);
        message.WasDropped |= result != WriteResult.DroppedStopped || !offered.Topic.IsOfSource;
        if (result is WriteResult.DroppedMemoryFull or WriteResult.DroppedSpoolFull && !world.Plan.IsTight
            && life.DiskFailedAt is null && !world.Plan.Has(Fault.DiskFull))
        {
            Unexplained($"{car.Name} refused {offered.Topic.Name} {message.Ordinal}: {result}, with room enough");
        }
    }

    public void SourceResumed(SimulatedCar car, Source source, Topic topic, ulong position)
    {
        bool isRotten = RottenPositions.Contains(car)
            || Rotten.Any(chunk => car.Lives.Any(life => life.RecordingId == chunk.RecordingId));
        if (position < source.Told(topic) && !isRotten)
        {
            Add(
                ViolationKind.Lost,
                $"{car.Name}: the source of {topic.Name} was told {source.Told(topic)} and is now told {position}");
        }

        if (position > (ulong)topic.Messages.Count && !RottenPositions.Contains(car))
            Unexplained($"{car.Name}: {topic.Name} has {topic.Messages.Count} messages; {position} are durable");
    }

    /// <summary>Somebody flushes: what was accepted before is promised when it returns.</summary>
    public async Task FlushAsync(SimulatedCar car)
    {
        if (car.Current is not { } life || life.Life.IsOver)
            return;
        world.Count(Fault.Flushed, car.Name, "");
        (LifeTopic Topic, int Count)[] before = Snapshot(life);
        try
        {
            await life.Recorder.FlushAsync(CancellationToken.None);
        }
        catch (RecorderException)
        {
            // It says that something is lost; the ledger has it as spool_error.
            if (life.DiskFailedAt is null && !life.Life.IsOver)
                Unexplained($"{car.Name}: a flush failed, and the disk did not");
            return;
        }

        if (life.Life.IsOver)
            return;
        world.Trace.Note(car.Name, "flush returned");
        Promise(before);
    }

    /// <summary>A recorder that stopped in order keeps all that it accepted.</summary>
    public void Stopped(CarLife life) => Promise(Snapshot(life));

    public void Ending(SimulatedCar car, CarLife life)
    {
        life.LastLedger = world.Mutant.Ledger(life.Recorder.Ledger);
        new LedgerCheck(world, car, life).Run();
        foreach (LifeTopic topic in life.Topics)
            PromiseByTime(life, topic);
    }

    /// <summary>What was only held, in this life and those before, goes with the power; also while a recorder starts.</summary>
    public static void LosesPower(SimulatedCar car)
    {
        foreach (CarLife life in car.Lives)
            life.LostPower = true;
    }

    /// <summary>
    /// A flush of a file fails, and the kernel lets go of what is only in its cache: that takes chunks of memory lanes that
    /// killed lives left, of which their contract promises nothing. What the life that goes on accepted, or one that
    /// stopped in order, its ledger must tell.
    /// </summary>
    public void LosesCache(SimulatedCar car, string file, ReadOnlyMemory<byte> bytes, int from)
    {
        foreach (SegmentFile.Chunk chunk in SegmentFile.Chunks(bytes).Where(chunk => chunk.End > from))
        {
            if (car.Lives.FirstOrDefault(life => life.RecordingId == chunk.Key.RecordingId) is not { End: LifeEnd.Killed } life)
                continue;
            world.Trace.Note(car.Name, $"the cache may lose {chunk.Key} of {file}");
            foreach ((string topic, ulong messages) in chunk.Messages)
                life.LostFromCache[(topic, chunk.Key)] = messages;
        }
    }

    /// <summary>A campaign asks for what some vehicles hold.</summary>
    public async Task RequestAsync(Random chance)
    {
        if (world.Gateway.Queries is not { } queries || !world.Gateway.IsRunning)
            return;
        SimulatedCar car = world.Cars[chance.Next(world.Cars.Count)];
        Topic topic = car.Plan.Topics[chance.Next(car.Plan.Topics.Count)];
        world.Count(Fault.Requested, "gateway", topic.Name);
        Selection selection = new() { VehicleIds = { car.Plan.Options.VehicleId }, Topics = { topic.Name } };
        try
        {
            await queries.RequestAsync(selection, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or AvSdk.Gateway.Query.QueryRefusal)
        {
            world.Trace.Note("gateway", "request failed: " + error.Message);
        }
    }

    public void NotRecording(SimulatedCar car, TimeSpan since)
    {
        if (world.Clock.Now - since > TimeSpan.FromSeconds(1) && !car.DiskRefusesNow)
            Unexplained($"{car.Name} does not record {(world.Clock.Now - since).TotalSeconds:F1} s after its start");
    }

    /// <summary>The log says so just before the file goes.</summary>
    public void Evicting(string who, string segment) => _evicting[who] = segment;

    public void Deleting(SimulatedCar car, string file, ReadOnlyMemory<byte> bytes)
    {
        if (!_evicting.Remove(car.Name, out string? evicted) || evicted != file)
            return;
        foreach (ChunkKey chunk in SegmentFile.Chunks(bytes).Select(static chunk => chunk.Key))
        {
            world.Trace.Note(car.Name, $"evicted {chunk}");
            Evicted.Add(chunk);
        }
    }

    /// <summary>A bit turns over at rest; what it hits is excused.</summary>
    public void Rotting(SimulatedCar car, string name, int offset, int bit)
    {
        if (car.Disk.Find(name) is not { } file || file.Length <= offset)
            return;
        List<SegmentFile.Chunk> chunks = SegmentFile.Chunks(file.Bytes.ToArray());
        if (!file.Rot(offset, bit))
            return;
        world.Count(Fault.BitRot, car.Name, $"{name} at {offset}");
        if (!name.EndsWith(".mcap", StringComparison.Ordinal))
        {
            RottenPositions.Add(car);
            return;
        }

        // The chunk that was hit, with its record. Where it is the framing, nothing behind it is found; in what stands
        // between chunks, or before them, are definitions that any of them may need.
        int at = chunks.FindIndex(chunk => offset >= chunk.Begin && offset < chunk.End);
        IEnumerable<SegmentFile.Chunk> hit = at >= 0 && !chunks[at].IsFraming(offset) ? [chunks[at]]
            : at >= 0 ? chunks.Skip(at)
            : offset >= chunks.LastOrDefault()?.End ? []
            : chunks;
        foreach (SegmentFile.Chunk chunk in hit)
        {
            world.Trace.Note(car.Name, $"rot in {chunk.Key}");
            Rotten.Add(chunk.Key);
        }
    }

    public void ReplyGiven(UploadReply reply)
    {
        if (reply.KindCase != UploadReply.KindOneofCase.Receipt
            || reply.Receipt.Outcome is not (Receipt.Types.Outcome.Stored or Receipt.Types.Outcome.AlreadyStored))
        {
            return;
        }

        ChunkKey key = ChunkKey.From(reply.Receipt.Ref);
        world.Trace.Note("gateway", $"receipt {reply.Receipt.Outcome} {key}");
        Receipts[key] = reply.Receipt.Sha256;
    }

    /// <summary>Our own recorder never breaks the protocol, but where the network did.</summary>
    public void Refused(IngestRefusal refusal, Connection connection)
    {
        world.Trace.Note("gateway", $"refuses {connection.Client.Name}: {refusal.Kind} {refusal.Message}");
        if (refusal.Kind != IngestRefusalKind.NotNow && !world.Plan.Has(Fault.Doubled)
            && !world.Plan.Has(Fault.Datagrams))
        {
            Unexplained($"The gateway refused {connection.Client.Name}: {refusal.Message}");
        }
    }

    private static (LifeTopic Topic, int Count)[] Snapshot(CarLife life) =>
        [.. life.Topics.Select(static topic => (topic, topic.Accepted.Count))];

    private static void Promise((LifeTopic Topic, int Count)[] accepted)
    {
        foreach ((LifeTopic topic, int count) in accepted)
        {
            if (topic.Topic.IsFlushed)
                topic.Promise(count);
            topic.Hold(count);
        }
    }

    // What a lane's contract says by time alone, while the disk does its part.
    private void PromiseByTime(CarLife life, LifeTopic topic)
    {
        TimeSpan window = topic.Topic.Lane.Durability switch
        {
            LaneDurability.EveryInterval interval => interval.Window,
            LaneDurability.EachBatch => topic.Topic.Lane.ChunkWindow,
            _ => TimeSpan.MaxValue,
        };
        if (window == TimeSpan.MaxValue)
            return;
        TimeSpan before = world.Clock.Now - window - s_slack;
        int count = topic.Accepted.TakeWhile(message => message.At < before).Count();
        if (count > 0 && life.DiskFailedAt is null)
            topic.Promise(count);
    }
}
