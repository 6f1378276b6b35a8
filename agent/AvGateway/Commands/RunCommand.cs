using System.CommandLine;
using AvSdk.Gateway;
using AvSdk.Gateway.Identity;
using AvSdk.Gateway.Mqtt;
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
            Description = "Where gRPC is served: https://ADDRESS:PORT, which serves the web too, or without TLS "
                + "http://ADDRESS:PORT, port 0 for any free one, or unix:/PATH. "
                + $"Default {GatewayConfiguration.ListenDefault}.",
            HelpName = "ADDRESS",
        };
        Option<string?> web = new("--web", "-w")
        {
            Description = "Where exports, health and metrics are served, or none. A port without TLS cannot speak both "
                + "versions of HTTP. Default: with TLS the port of --listen, without the one after it.",
            HelpName = "ADDRESS",
        };
        Option<bool> risk = new(RiskFlag)
        {
            Description = "Listen beyond loopback without TLS: anybody who reaches the ports can write as any vehicle "
                + "and read everything.",
        };
        Option<string?> certificate = File(
            "--certificate", "The gateway's certificate, PEM, then those between it and its authority.");
        Option<string?> key = File("--key", "The certificate's private key, PEM, not encrypted.");
        Option<string?> authorities = File(
            "--client-authorities", "The authorities that issue certificates of vehicles and clients, PEM.");
        Option<string?> revoked = File(
            "--revoked", "Who is refused all the same: a serial number or SHA-256 fingerprint a line.");
        Option<string?> mqtt = new("--mqtt")
        {
            Description = "An MQTT 5 broker that vehicles may come over too: mqtts://HOST:PORT, or mqtt://HOST:PORT without "
                + "TLS. Its name and password files, certificates and group are in the configuration.",
            HelpName = "ADDRESS",
        };
        Option<string?> mqttName = new("--mqtt-name")
        {
            Description = "The gateway's name to the broker, another one for each. Default: the machine's name.",
            HelpName = "NAME",
        };
        Option<string?> config = new("--config", "-c")
        {
            Description = "A JSON file with these and the gateway's options; the command line wins.",
            HelpName = "FILE",
        };
        Command command = new("run",
            "Serves until SIGTERM or SIGINT; then seals its packs and exits with 0. The files of certificates may be replaced "
            + "at any time: new connections use the new ones; SIGHUP looks at once, and logs.")
        {
            data, listen, web, risk, certificate, key, authorities, revoked, mqtt, mqttName, config,
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
                Tls = Tls(
                    configuration.Tls, parsed.GetValue(certificate), parsed.GetValue(key), parsed.GetValue(authorities),
                    parsed.GetValue(revoked)),
                Mqtt = Mqtt(configuration.Mqtt, parsed.GetValue(mqtt), parsed.GetValue(mqttName)),
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

    private static Option<string?> File(string name, string description) =>
        new(name) { Description = description + " With https:// addresses.", HelpName = "FILE" };

    private static GatewayMqttOptions? Mqtt(GatewayMqttOptions? configured, string? address, string? name)
    {
        if ((address ?? name) is null)
            return configured;
        configured ??= new GatewayMqttOptions();
        return configured with { Address = address ?? configured.Address, Name = name ?? configured.Name };
    }

    private static GatewayTlsOptions? Tls(
        GatewayTlsOptions? configured, string? certificate, string? key, string? authorities, string? revoked)
    {
        if ((certificate ?? key ?? authorities ?? revoked) is null)
            return configured;
        configured ??= new GatewayTlsOptions();
        return configured with
        {
            CertificateFile = certificate ?? configured.CertificateFile,
            KeyFile = key ?? configured.KeyFile,
            ClientAuthoritiesFile = authorities ?? configured.ClientAuthoritiesFile,
            RevokedFile = revoked ?? configured.RevokedFile,
        };
    }
}
