using System.CommandLine;
using AvSdk.Gateway;
using AvSdk.GatewayHost.DevCertificates;

namespace AvSdk.GatewayHost.Commands;

/// <summary><c>avgateway dev-certs --out DIR</c>: an authority for developing, and certificates of it.</summary>
internal static class DevCertsCommand
{
    private const int DaysDefault = 90;

    public static Command Create()
    {
        Option<string> folder = new("--out", "-o")
        {
            Description = "The folder; made if absent. An authority that is there goes on issuing.",
            HelpName = "DIR",
            Required = true,
        };
        Option<string[]> vehicles = Names("--vehicle", "A vehicle's certificate, for recording as ID.", "ID");
        Option<string[]> clients = Names(
            "--client", "A client's certificate, for querying. Default: one called developer, if there is none.", "NAME");
        Option<string[]> servers = Names(
            "--server-name", "A host name or IP address of the gateway. Default: localhost, 127.0.0.1, ::1 and this machine.",
            "NAME");
        Option<int> days = new("--days")
        {
            Description = $"How long certificates are good. Default {DaysDefault}.",
            DefaultValueFactory = static _ => DaysDefault,
        };
        Option<bool> renew = new("--renew")
        {
            Description = "Issue again what is there, with new keys: those named, or all. Never the authority. "
                + "Running gateways and agents take them without a restart.",
        };
        Command command = new(
            "dev-certs",
            "Makes a development authority and certificates for a gateway, vehicles and clients. Nothing that is there is "
            + "replaced without --renew.")
        {
            folder, vehicles, clients, servers, days, renew,
        };
        command.SetAction(parsed => Run(
            new DevCertificateRequest
            {
                Folder = parsed.GetValue(folder)!,
                Vehicles = parsed.GetValue(vehicles) ?? [],
                Clients = parsed.GetValue(clients) ?? [],
                ServerNames = parsed.GetValue(servers) ?? [],
                Days = parsed.GetValue(days),
                Renew = parsed.GetValue(renew),
            },
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static Option<string[]> Names(string name, string description, string help) => new(name)
    {
        Description = description + " May be given several times.",
        HelpName = help,
    };

    private static int Run(DevCertificateRequest request, TextWriter output, TextWriter errors)
    {
        GatewayOptionProblem[] problems = [.. request.Validate()];
        if (problems.Length > 0)
        {
            errors.WriteLine($"avgateway: {problems.Length} {(problems.Length == 1 ? "problem" : "problems")}");
            foreach (GatewayOptionProblem problem in problems)
                errors.WriteLine($"  {problem}");
            return ExitCode.Misconfigured;
        }

        DevCertificateFolder folder = new(request, TimeProvider.System);
        try
        {
            foreach (string line in folder.Apply())
                output.WriteLine(line);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine("avgateway: " + refused.Message);
            return ExitCode.Failed;
        }

        string vehicle = First(request.Vehicles) ?? folder.Existing("vehicles").FirstOrDefault() ?? "veh-042";
        string client = First(request.Clients) ?? folder.Existing("clients").First();
        string host = First(request.ServerNames) ?? "localhost";
        output.WriteLine($$"""

            For development: whoever has {{folder.At("ca.key")}} can be every vehicle.

            The gateway, gateway.json:
              "listen": "https://0.0.0.0:8443",
              "tls": {
                "certificateFile": "{{folder.At("gateway.pem")}}",
                "keyFile": "{{folder.At("gateway.key")}}",
                "clientAuthoritiesFile": "{{folder.At("ca.pem")}}",
                "revokedFile": "{{folder.At("revoked.txt")}}"
              }

            The agent of {{vehicle}}, agent.json:
              "gateway": {
                "address": "https://{{host}}:8443",
                "tls": {
                  "certificateFile": "{{folder.At($"vehicles/{vehicle}.pem")}}",
                  "keyFile": "{{folder.At($"vehicles/{vehicle}.key")}}",
                  "authoritiesFile": "{{folder.At("ca.pem")}}"
                }
              }

            A client:
              AvClient.Connect("https://{{host}}:8443", AvCredentials.FromFiles(
                  "{{folder.At($"clients/{client}.pem")}}", "{{folder.At($"clients/{client}.key")}}",
                  "{{folder.At("ca.pem")}}"))
            """);
        return ExitCode.Done;
    }

    private static string? First(IReadOnlyList<string> names) => names.Count > 0 ? names[0] : null;
}
