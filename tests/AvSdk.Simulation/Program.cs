using AvSdk.Simulation.Mutants;
using AvSdk.Simulation.Runs;

Console.Out.Flush();
using Watchdog watchdog = new(Console.Error);
int seed = args is ["--seed", string text, ..] ? int.Parse(text) : 1;
int count = args is ["--first", string first, string n] ? int.Parse(n) : 1;
if (args is ["--first", string f, ..])
    seed = int.Parse(f);
int bad = 0;
for (int s = seed; s < seed + count; s++)
{
    RunReport report = new Run(s, new Mutant(), args[0] == "--seed" ? Console.Out : null).Execute(watchdog);
    Console.WriteLine($"seed {s} hash {report.Hash} {report.Messages} messages {report.Stored} stored {report.VirtualSeconds:F0} s virtual {report.RealSeconds:F2} s real {report.Events} events, {report.Violations.Length} violations");
    foreach (var v in report.Violations.Take(5))
        Console.WriteLine($"   {v.Kind}: {v.Text}");
    bad += report.Violations.Length > 0 ? 1 : 0;
}
return bad > 0 ? 1 : 0;
