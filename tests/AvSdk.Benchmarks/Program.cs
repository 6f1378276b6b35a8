using AvSdk.Benchmarks.Ratios;
using BenchmarkDotNet.Running;

string[] parts = ["codec", "mcap", "record", "agent", "mqtt"];

// ratios: each hot path against its peer in the same run, a table and one line of JSON, under two minutes; ratios codec, mcap, record, agent or mqtt: that part.
// anything else goes to BenchmarkDotNet: --filter '*', --list flat, ...
if (args is ["ratios", ..])
    return await RatioRun.RunAsync(args.Contains("--json-only"), args.FirstOrDefault(parts.Contains)).ConfigureAwait(false);

BenchmarkSwitcher.FromAssembly(typeof(RatioRun).Assembly).Run(args);
return 0;
