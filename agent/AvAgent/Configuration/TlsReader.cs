using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;

namespace AvSdk.Agent.Configuration;

/// <summary>
/// The <c>gateway.tls</c> section: the vehicle's certificate, and whose word is taken about the gateway. Whether the
/// certificate's time has come or gone is no problem of the configuration: a vehicle records with any clock, and the
/// files can be replaced while it does.
/// </summary>
internal sealed class TlsReader(string folder, string vehicleId)
{
    public TlsConfiguration? Read(ConfigurationSection? section)
    {
        if (section is null)
            return null;

        string? certificate = section.Text("certificateFile", "/etc/avagent/tls/veh-042.pem");
        string? key = section.Text("keyFile", "/etc/avagent/tls/veh-042.key");
        string? authorities = section.Text("authoritiesFile", "/etc/avagent/tls/ca.pem");
        string? serverName = section.Text("serverName", "gateway.example");
        section.Done();
        if (serverName is not null && Uri.CheckHostName(serverName) == UriHostNameType.Unknown)
        {
            section.Problems.Add(section.PathOf("serverName"), ConfigurationSection.Quote(serverName),
                "Expected a host name or an IP address, without a port.");
        }

        TlsConfiguration tls = new(Full(certificate), Full(key), Full(authorities), serverName);
        IdentityFiles.Open(tls.ToNames(), TimeProvider.System, own => WhyNotOf(own, vehicleId),
            out IReadOnlyList<IdentityFileProblem> problems);
        foreach (IdentityFileProblem problem in problems)
        {
            string name = char.ToLowerInvariant(problem.Key[0]) + problem.Key[1..];
            if (problem.File.Length == 0)
                section.Problems.AddMissing(section.PathOf(name), problem.Remedy);
            else
                section.Problems.Add(section.PathOf(name), ConfigurationSection.Quote(problem.File), problem.Remedy);
        }

        return tls;
    }

    /// <summary>Null: the certificate is the vehicle's; else a sentence.</summary>
    public static string? WhyNotOf(X509Certificate2 certificate, string vehicleId)
    {
        if (PeerIdentity.TryRead(certificate, out string problem) is not { } identity)
            return $"It is for nobody known: {problem}.";
        return identity.Kind == PeerKind.Vehicle && (identity.Name == vehicleId || vehicleId.Length == 0)
            ? null
            : $"It is the certificate of {identity}, and vehicle.id is {vehicleId}: a gateway takes of a vehicle only what is "
            + "its own. Name the vehicle's own certificate, or change vehicle.id.";
    }

    private string? Full(string? file) => file is null ? null : Path.GetFullPath(file, folder);
}
