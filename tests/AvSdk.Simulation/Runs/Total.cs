using System.Globalization;
using AvSdk.Simulation.Checks;

namespace AvSdk.Simulation.Runs;

/// <summary>What many runs come to.</summary>
internal sealed class Total
{
    private static readonly Dictionary<string, Fault[]> s_groups = new()
    {
        ["car"] =
        [
            Fault.PowerCut, Fault.Killed, Fault.Stopped, Fault.WriteFailed, Fault.ReadFailed, Fault.FlushFailed,
            Fault.NameFailed, Fault.DiskFull, Fault.BitRot, Fault.ClockJump,
        ],
        ["network"] = [Fault.LinkCut, Fault.LinkDown, Fault.Doubled, Fault.Datagrams],
        ["gateway"] =
        [
            Fault.GatewayKilled, Fault.GatewayPowerCut, Fault.GatewayStopped, Fault.GatewayPortFailed,
            Fault.GatewayDiskFailed, Fault.GatewayDiskFull,
        ],
        ["broker"] = [Fault.BrokerKilled, Fault.Twice, Fault.Astray],
        ["people"] = [Fault.Flushed, Fault.Requested],
    };

    private readonly long[] _faults = new long[Enum.GetValues<Fault>().Length];
    private readonly long[] _violations = new long[Enum.GetValues<ViolationKind>().Length];
    private readonly SortedDictionary<int, Violation> _failed = [];
    private long _messages;
    private long _stored;
    private long _events;
    private double _virtualSeconds;

    public int Runs { get; private set; }

    public double RealSeconds { get; set; }

    /// <summary>Seeds in which something was found, each with its first finding.</summary>
    public IReadOnlyDictionary<int, Violation> FailedSeeds => _failed;

    public void Add(RunReport report)
    {
        Runs++;
        _messages += report.Messages;
        _stored += report.Stored;
        _events += report.Events;
        _virtualSeconds += report.VirtualSeconds;
        RealSeconds += report.RealSeconds;
        for (int at = 0; at < report.Faults.Length; at++)
            _faults[at] += report.Faults[at];
        foreach (Violation violation in report.Violations)
            _violations[(int)violation.Kind]++;
        if (report.Violations.Length > 0)
            _failed[report.Seed] = report.Violations[0];
    }

    public void Write(TextWriter output)
    {
        string Text(IFormattable number) => number.ToString("N0", CultureInfo.InvariantCulture);
        output.WriteLine(
            $"{Text(Runs)} runs in {Text(RealSeconds)} s: {Text(_virtualSeconds / 3600)} h of virtual time, "
            + $"{Text(_events)} events, {Text(_faults[(int)Fault.PowerCut])} power cuts");
        output.WriteLine($"messages: {Text(_messages)} offered, {Text(_stored)} in the stores");
        foreach ((string group, Fault[] faults) in s_groups)
        {
            output.WriteLine(
                $"{group}: " + string.Join(", ", faults.Select(fault => $"{fault} {Text(_faults[(int)fault])}")));
        }

        foreach ((int seed, Violation violation) in _failed)
            output.WriteLine($"seed {seed}: {violation.Kind}: {violation.Text}");
        output.WriteLine(
            $"lost {Text(Of(ViolationKind.Lost))}, duplicated {Text(Of(ViolationKind.Duplicated))}, "
            + $"reordered {Text(Of(ViolationKind.Reordered))}, unexplained {Text(Of(ViolationKind.Unexplained))}");
    }

    private long Of(ViolationKind kind) => _violations[(int)kind];
}
