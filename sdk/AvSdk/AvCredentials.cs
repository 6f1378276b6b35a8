using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;
using AvSdk.Identity;
using Microsoft.Extensions.Logging;

namespace AvSdk;

/// <summary>
/// Who this end is to a gateway, and which gateways it believes: a certificate with its key, and the authorities whose
/// word it takes. For https and any other transport over TLS; safe for threads, may serve any number of connections.
/// </summary>
/// <remarks>
/// From files: they are looked at before each new connection, so that they may be replaced at any time without a restart.
/// A pair that does not fit, or a file that cannot be read, changes nothing and is logged.
/// </remarks>
public sealed class AvCredentials
{
    private readonly IdentityFiles? _files;
    private readonly IdentityMaterial? _fixed;

    /// <summary>An identity that lies on disk.</summary>
    /// <param name="files">The files, read.</param>
    /// <param name="serverName">See <see cref="ServerName"/>.</param>
    public AvCredentials(IdentityFiles files, string? serverName = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        (_files, ServerName) = (files, serverName);
    }

    private AvCredentials(IdentityMaterial material, string? serverName) => (_fixed, ServerName) = (material, serverName);

    /// <summary>
    /// The name that the gateway's certificate must be for. Default: null, the host of the address.
    /// </summary>
    public string? ServerName { get; }

    /// <summary>One's own certificate, that is used for the next connection; null: none.</summary>
    public X509Certificate2? Certificate => Material.Certificate;

    /// <summary>One's own certificate for people: subject and serial number; null: none.</summary>
    internal string? Describe() => Certificate is { } own ? CertificateCheck.Describe(own) : null;

    /// <summary>No certificate, and the system's authorities.</summary>
    internal static AvCredentials None { get; } = new(new IdentityMaterial(null, null, null, null), null);

    private IdentityMaterial Material => _files?.Current ?? _fixed!;

    /// <summary>An identity in PEM files.</summary>
    /// <param name="certificateFile">One's own certificate, then those between it and the authority; null: none.</param>
    /// <param name="keyFile">Its private key, not encrypted; null: none.</param>
    /// <param name="authoritiesFile">Authorities whose word is taken about the gateway; null: the system's.</param>
    /// <param name="serverName">See <see cref="ServerName"/>.</param>
    /// <exception cref="ArgumentException">Files that cannot be used: each is named with the remedy.</exception>
    public static AvCredentials FromFiles(
        string? certificateFile, string? keyFile, string? authoritiesFile = null, string? serverName = null)
    {
        IdentityFileNames names = new()
        {
            CertificateFile = certificateFile,
            KeyFile = keyFile,
            AuthoritiesFile = authoritiesFile,
        };
        IdentityFiles? files = IdentityFiles.Open(
            names, TimeProvider.System, null, out IReadOnlyList<IdentityFileProblem> problems);
        return files is not null
            ? new AvCredentials(files, serverName)
            : throw new ArgumentException(string.Join(' ', problems), nameof(certificateFile));
    }

    /// <summary>An identity in memory, which stays as it is.</summary>
    /// <param name="certificate">With its private key; null: none. Not disposed.</param>
    /// <param name="authorities">Authorities whose word is taken about the gateway; null: the system's.</param>
    /// <param name="serverName">See <see cref="ServerName"/>.</param>
    /// <exception cref="ArgumentException">The certificate has no private key.</exception>
    public static AvCredentials FromCertificates(
        X509Certificate2? certificate, X509Certificate2Collection? authorities = null, string? serverName = null) =>
        new(new IdentityMaterial(certificate, null, authorities, null), serverName);

    /// <summary>
    /// Looks at the files now, as every new connection does, and logs what became of changes.
    /// </summary>
    public void Refresh(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        foreach (IdentityFileChange change in _files?.Refresh() ?? [])
        {
            if (change.Problem is { } problem)
                IdentityLog.Kept(logger, problem.ToString());
            else
                IdentityLog.Replaced(logger, change.What);
        }
    }

    /// <summary>TLS for one connection to <paramref name="host"/>, with what the files say now.</summary>
    public SslClientAuthenticationOptions CreateTls(string host, TimeProvider time, ILogger logger)
    {
        Refresh(logger);
        return CreateTls(Material, host, time);
    }

    /// <summary>Changes when the files did: what was made of an earlier one is outdated.</summary>
    internal IdentityMaterial Latest(ILogger logger)
    {
        Refresh(logger);
        return Material;
    }

    internal SslClientAuthenticationOptions CreateTls(IdentityMaterial material, string host, TimeProvider time) =>
        IdentityTls.ForClient(material, ServerName ?? host, time);
}
