using System.CommandLine;
using AvSdk.Gateway;
using AvSdk.GatewayHost.Configuration;

namespace AvSdk.GatewayHost.Commands;

/// <summary><c>avgateway run</c>: serves until it is told to stop.</summary>
internal static class RunCommand
{
    private const string RiskFlag = "--allow-unauthenticated-network";

    public static Command Create()
    {
        Option<string?> data = new("--data", "-d")
        {
            Description = "The folder for packs, index and cache; created if absent.",
            HelpName = "DIR",
        };
        Option<string?> listen = new("--listen", "-l")
        {
            Description = "Where gRPC is served (HTTP/2 without TLS): http://ADDRESS:PORT, port 0 for any free "
                + $"one, or unix:/PATH. Default {GatewayConfiguration.ListenDefault}.",
            HelpName = "ADDRESS",
        };
        Option<string?> web = new("--web", "-w")
        {
            Description = "Where exports, health and metrics are served (HTTP/1.1), or none. A port without "
                + "TLS cannot speak both. Default: the port after that of --listen.",
            HelpName = "ADDRESS",
        };
        Option<bool> risk = new(RiskFlag)
        {
            Description = "Listen beyond loopback although there are no identities yet: anybody who reaches "
                + "the ports can write as any vehicle and read everything.",
        };
        Option<string?> config = new("--config", "-c")
        {
            Description = "A JSON file with these and the gateway's options; the command line wins.",
            HelpName = "FILE",
        };
        Command command = new("run", "Serves until SIGTERM or SIGINT; then seals its packs and exits with 0.")
        {
            data, listen, web, risk, config,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            TextWriter errors = parsed.InvocationConfiguration.Error;
            if (!ConfigurationFile.TryRead(
                parsed.GetValue(config), out GatewayConfiguration configuration, out string? problem))
            {
                errors.WriteLine(problem);
                return Task.FromResult(ExitCode.Misconfigured);
            }

            configuration = configuration with
            {
                Data = parsed.GetValue(data) ?? configuration.Data,
                Listen = parsed.GetValue(listen) ?? configuration.Listen,
                Web = parsed.GetValue(web) ?? configuration.Web,
                AllowUnauthenticatedNetwork =
                    parsed.GetValue(risk) || configuration.AllowUnauthenticatedNetwork,
            };
            IReadOnlyList<GatewayOptionProblem> problems = configuration.Validate(RiskFlag);
            if (problems.Count == 0)
            {
                return GatewayProcess.RunAsync(
                    configuration, parsed.InvocationConfiguration.Output, errors, cancellationToken);
            }

            errors.WriteLine($"avgateway: {problems.Count} {(problems.Count == 1 ? "problem" : "problems")}");
            foreach (GatewayOptionProblem found in problems)
                errors.WriteLine($"  {found}");
            return Task.FromResult(ExitCode.Misconfigured);
        });
        return command;
    }
}
