using System.CommandLine;
using AvSdk.Agent.Configuration;
using AvSdk.Agent.Logging;
using AvSdk.Agent.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Commands;

/// <summary><c>avagent run --config FILE</c>.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        Option<string> config = AgentCommands.ConfigOption(isRequired: true);
        Command command = new("run",
            "Records until SIGTERM or SIGINT; then flushes, seals and reports. A second signal ends it at once. "
            + "SIGHUP: reads the configuration again; one with problems is refused whole and logged, and the old one stays.")
        {
            config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            if (CheckCommand.Load(parsed.GetValue(config)!, error) is not { } configuration)
                return ExitCode.Misconfigured;
            TextWriter output = parsed.InvocationConfiguration.Output;
            string file = Path.GetFullPath(parsed.GetValue(config)!);
            return await RunAsync(file, configuration, output, error, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        string file, AgentConfiguration configuration, TextWriter output, TextWriter error,
        CancellationToken cancellationToken)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.AddLines(configuration.Logging, error);
        builder.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        builder.Services.AddSingleton<IHostedService>(services => new AgentService(
            file, configuration, services.GetRequiredService<ILoggerFactory>(), TimeProvider.System, output));
        // The recorder's own drain time is the limit; this one only keeps the host from cutting it short.
        builder.Services.Configure<HostOptions>(options =>
            options.ShutdownTimeout = configuration.Recorder.Upload.DrainTimeout + TimeSpan.FromMinutes(10));
        using IHost host = builder.Build();
        return await AgentCommands.TryAsync(error, async () =>
        {
            await host.RunAsync(cancellationToken).ConfigureAwait(false);
            return ExitCode.Done;
        }).ConfigureAwait(false);
    }
}
