using AvSdk.Contracts.Identity;

namespace AvSdk.Gateway.Identity;

/// <summary>
/// The gateway's own certificate, and whose word it takes about vehicles and clients. All files are looked at before each
/// new connection, so that they may be replaced at any time.
/// </summary>
public sealed record GatewayTlsOptions
{
    /// <summary>The gateway's certificate, PEM, then those between it and its authority. Required.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key of the certificate, PEM, not encrypted. Required.</summary>
    public string? KeyFile { get; init; }

    /// <summary>
    /// The authorities that issue the certificates of vehicles and clients, PEM; at least one that signed itself. Required.
    /// </summary>
    public string? ClientAuthoritiesFile { get; init; }

    /// <summary>
    /// Who is refused all the same: a serial number or SHA-256 fingerprint a line, see <see cref="RevocationList"/>.
    /// Default: null, nobody.
    /// </summary>
    public string? RevokedFile { get; init; }

    internal IEnumerable<GatewayOptionProblem> Validate(TimeProvider time)
    {
        if (CertificateFile is null)
            yield return Missing(nameof(CertificateFile), "name the gateway's certificate, PEM.");
        if (KeyFile is null)
            yield return Missing(nameof(KeyFile), "name the private key of the gateway's certificate, PEM.");
        if (ClientAuthoritiesFile is null)
        {
            yield return Missing(nameof(ClientAuthoritiesFile),
                "name the authorities that issue the certificates of vehicles and clients, PEM.");
        }

        // A half of the pair has been told above.
        IdentityFileNames names = ToNames();
        if (CertificateFile is null || KeyFile is null)
            names = names with { CertificateFile = null, KeyFile = null };
        IdentityFiles.Open(names, time, null, out IReadOnlyList<IdentityFileProblem> problems);
        foreach (IdentityFileProblem problem in problems)
        {
            string key = problem.Key == nameof(names.AuthoritiesFile) ? nameof(ClientAuthoritiesFile) : problem.Key;
            yield return new GatewayOptionProblem(Path(key), problem.File, problem.Remedy);
        }
    }

    internal IdentityFileNames ToNames() => new()
    {
        CertificateFile = CertificateFile,
        KeyFile = KeyFile,
        AuthoritiesFile = ClientAuthoritiesFile,
        RevokedFile = RevokedFile,
    };

    private static GatewayOptionProblem Missing(string key, string remedy) => new(Path(key), "", remedy);

    private static string Path(string key) => $"{nameof(GatewayOptions.Tls)}.{key}";
}
