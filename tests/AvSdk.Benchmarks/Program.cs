using AvSdk.Benchmarks.Ratios;
using BenchmarkDotNet.Running;

// ratios: each hot path against its peer in the same run, a table and one line of JSON, under two minutes.
// anything else goes to BenchmarkDotNet: --filter '*', --list flat, ...
if (args is ["ratios", ..])
    return await RatioRun.RunAsync(args.Contains("--json-only")).ConfigureAwait(false);

BenchmarkSwitcher.FromAssembly(typeof(RatioRun).Assembly).Run(args);
return 0;
