using AvSdk.Recording;
using AvSdk.Simulation.Car;
using AvSdk.Simulation.Workload;

namespace AvSdk.Simulation.Checks;

/// <summary>
/// Holds a recording's ledger to what was really offered, accepted and refused, by topic and by reason.
/// </summary>
internal sealed class LedgerCheck(World world, SimulatedCar car, CarLife life)
{
    private const string SpoolError = "spool_error";
    private const string Disk = "disk";

    /// <summary>Messages that were accepted, and lost since the disk refused them.</summary>
    public static ulong LostToDisk(TopicLedger ledger) =>
        ledger.Drops.GetValueOrDefault(SpoolError) + ledger.Drops.GetValueOrDefault(Disk);

    public void Run()
    {
        foreach (LifeTopic topic in life.Topics)
            Check(topic, Find(topic.Topic.Name));
    }

    private TopicLedger? Find(string topic) =>
        life.LastLedger!.Topics.FirstOrDefault(ledger => ledger.Topic == topic);

    private void Check(LifeTopic topic, TopicLedger? ledger)
    {
        string name = $"{car.Name} {life.RecordingId} {topic.Topic.Name}";
        ulong accepted = (ulong)topic.Accepted.Count;
        ulong dropped = topic.Drops.Values.Aggregate(0UL, static (sum, count) => sum + count);
        if (accepted + dropped == 0)
            return;
        if (ledger is null)
        {
            world.Oracle.Unexplained($"{name}: {accepted + dropped} messages were offered, the ledger has none");
            return;
        }

        ulong lost = LostToDisk(ledger);
        ulong inDoubt = (ulong)topic.Topic.Messages.Count(message => message.InDoubtIn == topic);
        if (ledger.Accepted + lost < accepted || ledger.Accepted + lost > accepted + inDoubt)
        {
            world.Oracle.Unexplained(
                $"{name}: {accepted} were accepted, the ledger says {ledger.Accepted} and {lost} lost to the disk");
        }

        if (lost > 0 && life.DiskFailedAt is null)
            world.Oracle.Unexplained($"{name}: {lost} messages lost to a disk that did not fail");
        if (ledger.Delivered + ledger.Evicted + ledger.Damaged > ledger.Accepted)
            world.Oracle.Unexplained($"{name}: more ended than was accepted: {ledger}");
        foreach (string reason in topic.Drops.Keys.Union(ledger.Drops.Keys).Where(static reason => reason is not (SpoolError or Disk)))
        {
            ulong told = ledger.Drops.GetValueOrDefault(reason), counted = topic.Drops.GetValueOrDefault(reason);
            // One that was under way when the life ended may be counted and not answered.
            if (told < counted || told > counted + inDoubt)
                world.Oracle.Unexplained($"{name}: {counted} dropped by {reason}, the ledger says {told}");
        }
    }
}
