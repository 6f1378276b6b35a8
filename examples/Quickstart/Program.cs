using System.CommandLine;
using AvSdk.Quickstart;

Option<FileInfo?> input = new("--input")
{
    Description = "An MCAP recording to replay. Without it a simulated vehicle drives.",
    HelpName = "FILE.mcap",
};
Option<double> seconds = new("--seconds")
{
    Description = "Length of the simulated drive, seconds of its own clock.",
    DefaultValueFactory = _ => 20,
};
Option<int> seed = new("--seed")
{
    Description = "Seed of the simulated drive: the same seed gives the same bytes.",
    DefaultValueFactory = _ => 1,
};
Option<string> uplink = new("--uplink")
{
    Description = "How chunks are shipped: grpc, or mqtt over a mosquitto that is started on loopback.",
    HelpName = "grpc|mqtt",
    DefaultValueFactory = _ => "grpc",
};
uplink.AcceptOnlyFromAmong("grpc", "mqtt");
Option<bool> json = new("--json") { Description = "Print one last line of JSON, and do not wait at the end." };

input.Validators.Add(result =>
{
    if (result.GetValueOrDefault<FileInfo?>() is { Exists: false } missing)
        result.AddError($"There is no file {missing.FullName}. Give --input the path of an MCAP recording.");
});
seconds.Validators.Add(result =>
{
    if (result.GetValueOrDefault<double>() is not (> 0 and <= 3600))
        result.AddError("--seconds takes a number above 0, at most 3600.");
});

RootCommand command = new(
    "Records a drive, cuts the link in the middle and restores it, queries everything back by type, and compares.")
{
    input, seconds, seed, uplink, json,
};
command.SetAction((parsed, cancellationToken) => QuickstartRun.RunAsync(
    new QuickstartOptions(
        parsed.GetValue(input)?.FullName, TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(seed),
        parsed.GetValue(json), parsed.GetValue(uplink) == "mqtt"),
    cancellationToken));
return await command.Parse(args).InvokeAsync();
