using System.Globalization;
using AvSdk.Agent.Configuration;
using AvSdk.Recording;

namespace AvSdk.Agent.Running;

/// <summary>
/// The lines on standard output that scripts and tests read: words, then <c>key=value</c> pairs. New pairs
/// may be added at the end; those that are there keep their names.
/// </summary>
internal static class AgentReport
{
    /// <summary>
    /// <c>recording 0192… vehicle=veh-042 spool=/var/lib/avagent/spool gateway=http://… sources=1</c>.
    /// </summary>
    public static string Started(Guid recordingId, AgentConfiguration configuration) => string.Create(
        CultureInfo.InvariantCulture,
        $"recording {recordingId} vehicle={configuration.Recorder.VehicleId} "
        + $"spool={configuration.Recorder.SpoolFolder} gateway={configuration.Gateway?.Address ?? "none"} "
        + $"sources={configuration.Sources.Count}");

    /// <summary>
    /// <c>stopped 0192… accepted=10 dropped=0 delivered=7 pending=3 evicted=0 damaged=0</c>.
    /// </summary>
    public static string Stopped(Guid recordingId, LedgerSummary ledger)
    {
        ulong pending = 0, evicted = 0, damaged = 0;
        foreach (TopicLedger topic in ledger.Topics)
        {
            pending += topic.Pending;
            evicted += topic.Evicted;
            damaged += topic.Damaged;
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"stopped {recordingId} accepted={ledger.Accepted} dropped={ledger.Dropped} "
            + $"delivered={ledger.Delivered} pending={pending} evicted={evicted} damaged={damaged}");
    }
}
