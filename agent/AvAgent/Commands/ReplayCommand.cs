using System.CommandLine;
using System.Security.Cryptography;
using AvSdk.Agent.Configuration;
using AvSdk.Agent.Logging;
using AvSdk.Agent.Running;
using AvSdk.Ingestion;
using AvSdk.Recording;
using AvSdk.Sources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Commands;

/// <summary>
/// <c>avagent replay FILE.mcap</c>: into a running agent's socket, or with a configuration into a recorder of
/// its own.
/// </summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "The MCAP file." };
        Option<double> rate = new("--rate", "-r")
        {
            Description = "1: as recorded; 2: twice as fast; 0: as fast as it is taken.",
            DefaultValueFactory = static _ => 1,
        };
        rate.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= 1000))
                result.AddError("--rate: expected a number from 0 to 1000.");
        });
        Option<string> socket = StatusCommand.SocketOption();
        Option<string> config = AgentCommands.ConfigOption(isRequired: false);
        config.Description +=
            " With it, and without --socket, the file is recorded as `run` would, and no agent may run.";
        Command command = new("replay", "Records an MCAP file again.") { file, rate, socket, config };
        command.SetAction((parsed, cancellationToken) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            return AgentCommands.TryAsync(error, () => RunAsync(
                new Request(
                    parsed.GetValue(file)!, parsed.GetValue(rate), parsed.GetValue(socket), parsed.GetValue(config)),
                parsed.InvocationConfiguration.Output, error));
        });
        return command;
    }

    private static async Task<int> RunAsync(Request request, TextWriter output, TextWriter error)
    {
        if (!File.Exists(request.File))
        {
            error.WriteLine($"{request.File}: no such file. Give the path of an MCAP file.");
            return ExitCode.Misconfigured;
        }

        using StopSignals signals = new();
        if (request.Config is null || request.Socket is not null)
        {
            string socket = StatusCommand.FindSocket(request.Socket, null, error)!;
            SocketRecorder recorder = await Recorder.ConnectAsync("unix:" + socket, signals.Asked)
                .ConfigureAwait(false);
            await using (recorder.ConfigureAwait(false))
                return await ReplayAsync(request, recorder, output, signals.Asked).ConfigureAwait(false);
        }

        return CheckCommand.Load(request.Config, error) is { } configuration
            ? await RecordAsync(request, configuration, output, error, signals.Asked).ConfigureAwait(false)
            : ExitCode.Misconfigured;
    }

    private static async Task<int> RecordAsync(
        Request request, AgentConfiguration configuration, TextWriter output, TextWriter error,
        CancellationToken cancellationToken)
    {
        ServiceCollection services = new();
        services.AddLogging(logging => logging.AddLines(configuration.Logging, error));
        ServiceProvider provider = services.BuildServiceProvider();
        await using (provider.ConfigureAwait(false))
        {
            string problem = "";
            using ECDsa? ledgerKey = configuration.LedgerKeyFile is { } keyFile
                ? LedgerReader.Load(keyFile, out problem) ?? throw new RecorderException(problem)
                : null;
            ILoggerFactory logs = provider.GetRequiredService<ILoggerFactory>();
            RecorderPorts ports = new()
            {
                LedgerKey = ledgerKey,
                Uplink = configuration.Gateway is { } gateway
                    ? GatewayLink.Create(gateway, configuration.Recorder.VehicleId, TimeProvider.System, logs).Uplink
                    : null,
                Logs = logs,
            };
            LocalRecorder recorder = await LocalRecorder
                .OpenAsync(configuration.Recorder, ports, cancellationToken).ConfigureAwait(false);
            int code;
            await using (recorder.ConfigureAwait(false))
            {
                output.WriteLine(AgentReport.Started(recorder.RecordingId, configuration));
                code = await ReplayAsync(request, recorder, output, cancellationToken).ConfigureAwait(false);
            }

            output.WriteLine(AgentReport.Stopped(recorder.RecordingId, recorder.Ledger));
            return code;
        }
    }

    private static async Task<int> ReplayAsync(
        Request request, IRecorder recorder, TextWriter output, CancellationToken cancellationToken)
    {
        try
        {
            SourceProgress done = await new McapReplay(request.File).RunAsync(
                recorder, request.Rate, TimeProvider.System, null, cancellationToken).ConfigureAwait(false);
            await recorder.FlushAsync(cancellationToken).ConfigureAwait(false);
            output.WriteLine($"replayed messages={done.Messages} dropped={done.Dropped}");
            return done.Dropped == 0 ? ExitCode.Done : ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            output.WriteLine("replay stopped by a signal; what was accepted is kept");
            return ExitCode.Failed;
        }
    }

    private sealed record Request(string File, double Rate, string? Socket, string? Config);
}
