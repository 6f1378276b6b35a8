// What the durable ledger is held to, as the gateway has it once everything drained: it is what an operator will be
// shown long after the run, so nothing that was only known in memory counts here.
//
//   every life        that promised anything has one; what it says is delivered is what the store has, topic by topic; it never says that the gateway
//                     should have something that it has not; nothing is pending; its end is told
//   stopped in order  (on a disk that took its end) accepted is delivered, evicted, damaged or lost to the disk, to the message; what was refused is
//                     there by reason; and it says that it is complete. One of which the disk took no byte has none
//   killed            promised and missing is no more than it explains; see FinalCheck
//
// Not held to it: a life of which bit rot hit something at rest.
using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Recording;
using AvSdk.Simulation.Car;
using AvSdk.Simulation.Workload;

namespace AvSdk.Simulation.Checks;

/// <summary>The reports of all ledgers, and what they explain.</summary>
internal sealed class ReportCheck(World world, IChunkCatalogue catalogue)
{
    // Lost to the disk after they were accepted.
    private static readonly string[] s_lostWords = ["spool_error", "disk", "no_room"];

    private const string Stopped = "stopped";

    private readonly Dictionary<Guid, LedgerReport> _reports = [];

    public async Task ReadAsync()
    {
        foreach (CarLife life in world.Cars.SelectMany(static car => car.Lives))
        {
            if (await catalogue.ReadLedgerAsync(life.RecordingId, CancellationToken.None) is { } sources)
                _reports[life.RecordingId] = LedgerReconciliation.Reconcile(sources);
        }
    }

    /// <summary>
    /// Messages of a topic that were accepted, are not in the store, and of which the ledger says why. What a disk that
    /// refused to the end cost, only the recorder that stopped could say.
    /// </summary>
    public ulong Explained(CarLife life, LifeTopic topic)
    {
        ulong ended = 0, lost = 0;
        foreach (LedgerTopicReport report in Of(life, topic))
        {
            ended += report.Evicted + report.Damaged;
            lost += Lost(report);
            // It says when, and that it does not know how many: the disk would not be read, and then the run was killed.
            if (report.Missing.Any(static missing =>
                missing.Messages == 0 && missing.End is LedgerWords.Evicted or LedgerWords.Damaged))
            {
                return ulong.MaxValue >> 8;
            }
        }

        TopicLedger? last = life.DiskFailedAt is null
            ? null
            : life.LastLedger?.Topics.FirstOrDefault(ledger => ledger.Topic == topic.Topic.Name);
        return ended + Math.Max(lost, last is null ? 0 : LedgerCheck.LostToDisk(last));
    }

    public void Check(SimulatedCar car, CarLife life, Func<LifeTopic, int> stored)
    {
        string name = $"{car.Name} {life.RecordingId} ({life.End})";
        // What was killed before anything of it was durable, the gateway may know by name, or not at all. So too what
        // stopped in order on a disk that took nothing of it from its beginning to its end.
        bool mayBeNothing = life.End == LifeEnd.Stopped
            ? life.LeftNothing && life.Topics.All(topic => stored(topic) == 0)
            : life.End is LifeEnd.Killed or LifeEnd.PowerCut && life.Topics.All(static topic => topic.PromisedCount == 0);
        if (!_reports.TryGetValue(life.RecordingId, out LedgerReport? report))
        {
            if (!mayBeNothing && life.Topics.Any(static topic => topic.Accepted.Count > 0))
                world.Oracle.Unexplained($"{name}: the gateway was told of no ledger");
            return;
        }

        if (mayBeNothing && report.Presence == LedgerReport.Types.Presence.Absent)
            return;

        foreach (LedgerDisagreement disagreement in report.Disagreements.Where(static each => each.Kind != "delivered_after_all"))
            world.Oracle.Unexplained($"{name}: ledger and store disagree: {disagreement}");
        if (life.End != LifeEnd.Goes && report.Presence != LedgerReport.Types.Presence.Ended)
            world.Oracle.Unexplained($"{name}: its ledger has no end: {report.Presence}");
        bool isExact = life.End == LifeEnd.Stopped && (report.Orderly || life.DiskFailedAt is null);
        foreach (LifeTopic topic in life.Topics)
            Check(name, life, topic, stored(topic), isExact);
        if (isExact && !report.IsComplete)
            world.Oracle.Unexplained($"{name}: its ledger is not complete: {report}");
    }

    private void Check(string name, CarLife life, LifeTopic topic, int stored, bool isExact)
    {
        ulong delivered = 0, open = 0, ended = 0, refused = 0, lost = 0;
        foreach (LedgerTopicReport report in Of(life, topic))
        {
            delivered += report.Delivered;
            open += report.Pending + report.Unannounced;
            ended += report.Evicted + report.Damaged;
            // Who is refused since the recorder stopped comes too late for it.
            refused += report.Dropped - Lost(report) - Dropped(report, [Stopped]);
            lost += Lost(report);
        }

        string counts = $"{name} {topic.Topic.Name}: of {topic.Accepted.Count} accepted the ledger says {delivered} "
            + $"delivered, {open} open, {ended} evicted or damaged, {lost} lost to the disk, {refused} refused";
        if (delivered != (ulong)stored)
            world.Oracle.Unexplained($"{counts}; {stored} are in the store");
        if (life.End == LifeEnd.Goes)
            return;
        if (open > 0)
            world.Oracle.Unexplained($"{counts}; everything has drained");
        if (!isExact)
            return;
        ulong inDoubt = (ulong)topic.Topic.Messages.Count(message => message.InDoubtIn == topic);
        ulong drops = topic.Drops.Where(static drop => drop.Key != Stopped).Aggregate(0UL, static (sum, drop) => sum + drop.Value);
        if (!IsWithin(delivered + ended + lost, (ulong)topic.Accepted.Count, inDoubt) || !IsWithin(refused, drops, inDoubt))
            world.Oracle.Unexplained($"{counts}; {topic.Accepted.Count} were accepted and {drops} refused");
    }

    private static bool IsWithin(ulong told, ulong counted, ulong inDoubt) => told >= counted && told <= counted + inDoubt;

    private static ulong Lost(LedgerTopicReport report) => Dropped(report, s_lostWords);

    private static ulong Dropped(LedgerTopicReport report, string[] reasons) => report.Reasons
        .Where(reason => reason.End == LedgerWords.Dropped && reasons.Contains(reason.Reason))
        .Aggregate(0UL, static (sum, reason) => sum + reason.Messages);

    private IEnumerable<LedgerTopicReport> Of(CarLife life, LifeTopic topic) =>
        _reports.GetValueOrDefault(life.RecordingId)?.Topics.Where(report => report.Topic == topic.Topic.Name) ?? [];
}
