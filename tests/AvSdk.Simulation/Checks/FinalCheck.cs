// What is held to the product at the end of a run, after faults stopped and everything drained:
//
//   lost         a message that was promised and is not in the store: a flush had returned, the lane's window had
//                passed on a disk that did not fail, the recorder had stopped in order, a source had been told, or
//                the gateway had given a receipt for its chunk
//   duplicated   a message is in the store twice
//   reordered    a channel's messages are not in the order in which they were accepted
//   unexplained  in the store and never offered, or with other bytes, or although it was refused; a count of the
//                ledger that is not what happened; a bound that was passed; something that did not end
//
// What is NOT claimed yet, and so not held to the product (all of it is in Excuse and below):
//
//   * Messages of an interval or memory lane that no promise covers may go with a life that was killed, and no
//     ledger tells of them: it lives in memory.
//   * The ledger of a life that was killed is checked as it was in that moment. What becomes later of its pending
//     chunks nobody counts by message.
//   * Chunks that were hit by bit rot at rest may be lost; that they are told as damaged is checked by file only.
//     Rot in the journal may make a source send twice, or not at all.
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Simulation.Car;
using AvSdk.Simulation.Clock;
using AvSdk.Simulation.Disk;
using AvSdk.Simulation.Workload;

namespace AvSdk.Simulation.Checks;

/// <summary>Compares what is in the store with what was offered and promised.</summary>
internal sealed class FinalCheck(World world)
{
    private readonly Dictionary<Guid, (SimulatedCar Car, CarLife Life)> _lives = [];
    private readonly Dictionary<(SimulatedCar Car, string Topic), Dictionary<int, Guid>> _stored = [];
    private readonly Dictionary<(Guid Recording, string Topic), List<int>> _order = [];
    private ReportCheck _reports = null!;

    /// <summary>Messages found in the store.</summary>
    public long Messages { get; private set; }

    public async Task RunAsync()
    {
        foreach (SimulatedCar car in world.Cars)
        {
            foreach (CarLife life in car.Lives)
                _lives.Add(life.RecordingId, (car, life));
        }

        StoredMessages stored = new(world) { Read = Take };
        Life reader = new("reader");
        SqliteChunkIndex index = new(world.Gateway.IndexPath);
        await index.OpenAsync(CancellationToken.None);
        await stored.RunAsync(
            world.Mutant.Catalogue(world, index), index,
            world.Mutant.Store(world, new FolderPackStore(new PackDisk(world.Gateway.Disk, reader))));
        CheckReceipts(stored.Chunks);
        _reports = new ReportCheck(world, world.Mutant.Catalogue(world, index));
        await _reports.ReadAsync();
        foreach (SimulatedCar car in world.Cars)
        {
            foreach (CarLife life in car.Lives)
            {
                Check(car, life, stored.Chunks);
                if (!IsRotten(car, life))
                    _reports.Check(car, life, topic => StoredOf(life, topic));
            }

            foreach (Source source in car.Sources)
                Check(car, source);
        }

        await index.DisposeAsync();
    }

    private void Take(Guid recordingId, string topicName, in McapMessageView message)
    {
        Messages++;
        if (!_lives.TryGetValue(recordingId, out (SimulatedCar Car, CarLife Life) origin))
        {
            world.Oracle.Unexplained($"The store has recording {recordingId}, which nobody made");
            return;
        }

        string name = $"{origin.Car.Name} {recordingId} {topicName} {message.Sequence}";
        Topic? topic = origin.Car.Plan.Topics.FirstOrDefault(topic => topic.Name == topicName);
        int ordinal = (int)message.Sequence;
        if (topic is null || ordinal < 1 || ordinal > topic.Messages.Count)
        {
            world.Oracle.Unexplained($"{name} is in the store and was never offered");
            return;
        }

        Message offered = topic.Messages[ordinal - 1];
        MessageStamp stamp = topic.Stamp(offered);
        if (message.LogTime != stamp.LogTime || message.PublishTime != stamp.PublishTime
            || !message.Data.SequenceEqual(topic.Payload(offered)))
        {
            world.Oracle.Unexplained($"{name} is in the store with other bytes than were offered");
        }

        if (offered.WasDropped && offered.AcceptedIn is null)
            world.Oracle.Unexplained($"{name} is in the store although it was refused");
        if (!_stored.TryGetValue((origin.Car, topicName), out Dictionary<int, Guid>? found))
            _stored.Add((origin.Car, topicName), found = []);
        if (!found.TryAdd(ordinal, recordingId) && !(topic.IsOfSource && MayTwist(origin.Car)))
        {
            world.Oracle.Add(
                ViolationKind.Duplicated, $"{name} is in the store twice, also in {found[ordinal]}");
        }

        if (!_order.TryGetValue((recordingId, topicName), out List<int>? order))
            _order.Add((recordingId, topicName), order = []);
        if (order.Count > 0 && order[^1] >= ordinal)
            world.Oracle.Add(ViolationKind.Reordered, $"{name} comes after {order[^1]}");
        order.Add(ordinal);
    }

    private void CheckReceipts(Dictionary<ChunkKey, Contracts.V1.ChunkHeader> chunks)
    {
        foreach ((ChunkKey key, Google.Protobuf.ByteString sha256) in world.Oracle.Receipts)
        {
            if (!chunks.TryGetValue(key, out Contracts.V1.ChunkHeader? header))
                world.Oracle.Add(ViolationKind.Lost, $"Chunk {key} has a receipt and is not in the store");
            else if (sha256 != header.Sha256)
                world.Oracle.Unexplained($"Chunk {key} has a receipt for another hash");
        }
    }

    private void Check(SimulatedCar car, CarLife life, Dictionary<ChunkKey, Contracts.V1.ChunkHeader> chunks)
    {
        foreach (LifeTopic topic in life.Topics)
        {
            Dictionary<int, Guid> found = _stored.GetValueOrDefault((car, topic.Topic.Name)) ?? [];
            int promised = topic.Topic.IsFlushed ? topic.PromisedCount : life.LostPower ? 0 : topic.HeldCount;
            int missing = 0, missingPromised = 0, first = 0;
            for (int at = 0; at < topic.Accepted.Count; at++)
            {
                if (found.ContainsKey(topic.Accepted[at].Ordinal))
                    continue;
                missing++;
                if (at >= promised)
                    continue;
                missingPromised++;
                first = first == 0 ? topic.Accepted[at].Ordinal : first;
            }

            ulong explained = Excuse(car, life, topic);
            if (!topic.Topic.IsFlushed)
                explained += LostFromCache(life, topic);
            if ((ulong)missingPromised > explained)
            {
                world.Oracle.Add(
                    ViolationKind.Lost,
                    $"{car.Name} {life.RecordingId} ({life.End}) {topic.Topic.Name}: {missingPromised} of {promised} that "
                    + $"were promised are not in the store, from {first}; {explained} are explained");
            }

            if (life.End == LifeEnd.Goes)
                CheckCounts(car, life, topic, missing);
        }
    }

    // The recording that goes on: what its recorder says now.
    private void CheckCounts(SimulatedCar car, CarLife life, LifeTopic topic, int missing)
    {
        TopicLedger? ledger = life.LastLedger!.Topics.FirstOrDefault(entry => entry.Topic == topic.Topic.Name);
        if (ledger is null || IsRotten(car, life))
            return;
        ulong told = ledger.Evicted + ledger.Damaged + LedgerCheck.LostToDisk(ledger);
        int stored = StoredOf(life, topic);
        if ((ulong)missing > told || ledger.Pending > 0 || ledger.Delivered != (ulong)stored)
        {
            world.Oracle.Unexplained(
                $"{car.Name} {life.RecordingId} {topic.Topic.Name}: {missing} of {topic.Accepted.Count} are not in the "
                + $"store, {stored} are; the ledger says {ledger}");
        }
    }

    private void Check(SimulatedCar car, Source source)
    {
        foreach (Topic topic in source.Topics)
        {
            Dictionary<int, Guid> found = _stored.GetValueOrDefault((car, topic.Name)) ?? [];
            List<int> missing = [];
            for (int ordinal = 1; ordinal <= (int)source.Told(topic); ordinal++)
            {
                Message message = topic.Messages[ordinal - 1];
                if (!found.ContainsKey(ordinal) && !message.WasDropped)
                    missing.Add(ordinal);
            }

            ulong explained = missing.Select(ordinal => topic.Messages[ordinal - 1].AcceptedIn).Distinct()
                .Select(life => life is null ? 0 : Excuse(car, LifeOf(car, life), life)).Aggregate(0UL, static (a, b) => a + b);
            if ((ulong)missing.Count <= explained || MayTwist(car))
                continue;
            world.Oracle.Add(
                ViolationKind.Lost,
                $"{car.Name} {topic.Name}: the source was told that {source.Told(topic)} are durable; {missing.Count} "
                + $"are not in the store, from {missing[0]}, {explained} of them are explained");
        }
    }

    private static CarLife LifeOf(SimulatedCar car, LifeTopic topic) =>
        car.Lives.First(life => life.Topics.Contains(topic));

    // Messages of which the ledger that the gateway was told says what became of them; what is rotten may be anything.
    private ulong Excuse(SimulatedCar car, CarLife life, LifeTopic topic) =>
        IsRotten(car, life) ? ulong.MaxValue >> 8 : _reports.Explained(life, topic);

    private static ulong LostFromCache(CarLife life, LifeTopic topic) => life.LostFromCache
        .Where(lost => lost.Key.Topic == topic.Topic.Name)
        .Aggregate(0UL, static (sum, lost) => sum + lost.Value);

    private bool IsRotten(SimulatedCar car, CarLife life) =>
        MayTwist(car) || world.Oracle.Rotten.Any(chunk => chunk.RecordingId == life.RecordingId);

    private int StoredOf(CarLife life, LifeTopic topic) =>
        _order.GetValueOrDefault((life.RecordingId, topic.Topic.Name))?.Count ?? 0;

    private bool MayTwist(SimulatedCar car) => world.Oracle.RottenPositions.Contains(car);
}
