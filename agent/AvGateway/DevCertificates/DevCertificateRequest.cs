using System.Net;
using AvSdk.Contracts.Identity;
using AvSdk.Gateway;

namespace AvSdk.GatewayHost.DevCertificates;

/// <summary>What <c>avgateway dev-certs</c> is asked for.</summary>
internal sealed record DevCertificateRequest
{
    private const int DaysMax = 3650;

    public required string Folder { get; init; }

    public required IReadOnlyList<string> Vehicles { get; init; }

    public required IReadOnlyList<string> Clients { get; init; }

    /// <summary>Empty: this machine's.</summary>
    public required IReadOnlyList<string> ServerNames { get; init; }

    public required int Days { get; init; }

    /// <summary>Certificates that are there are issued again: those that are named, or all.</summary>
    public required bool Renew { get; init; }

    /// <summary>Everything that is wrong with it.</summary>
    public IEnumerable<GatewayOptionProblem> Validate()
    {
        if (File.Exists(Folder))
            yield return new GatewayOptionProblem("--out", Folder, "this is a file; name a folder.");
        foreach ((string option, string name) in Vehicles.Select(static name => ("--vehicle", name))
            .Concat(Clients.Select(static name => ("--client", name))))
        {
            if (!PeerIdentity.IsName(name))
                yield return new GatewayOptionProblem(option, name, "1 to 128 of A-Z a-z 0-9 . _ - and not of dots alone.");
        }

        foreach (string name in ServerNames)
        {
            if (!IPAddress.TryParse(name, out _) && Uri.CheckHostName(name) != UriHostNameType.Dns)
                yield return new GatewayOptionProblem("--server-name", name, "a host name or an IP address, without a port.");
        }

        if (Days is < 1 or > DaysMax)
            yield return new GatewayOptionProblem("--days", $"{Days}", $"1 to {DaysMax}.");
    }
}
