using AvSdk.Benchmarks.Ratios;
using BenchmarkDotNet.Running;

string[] parts = ["codec", "mcap", "record", "agent", "mqtt", "recorder", "flush", "restart", "ledger", "uplink", "grpc", "urgent", "overhead", "link"];

// ratios: each hot path against its peer in the same run, a table and one line of JSON, under two minutes; ratios and one of the parts: that part.
// anything else goes to BenchmarkDotNet: --filter '*', --list flat, ...
if (args is ["ratios", ..])
    return await RatioRun.RunAsync(args.Contains("--json-only"), args.FirstOrDefault(parts.Contains), RatioSizes.Parse(args)).ConfigureAwait(false);
if (args is [RestartChild.RecordVerb or RestartChild.OpenVerb, ..])
    return await RestartChild.RunAsync(args).ConfigureAwait(false);
if (args is [UplinkChild.Verb, ..])
    return await UplinkChild.RunAsync(args.Length > 1).ConfigureAwait(false);

BenchmarkSwitcher.FromAssembly(typeof(RatioRun).Assembly).Run(args);
return 0;
