namespace AvSdk.Contracts.Identity;

/// <summary>Where somebody's identity lies on disk; all files are PEM but the list of the revoked.</summary>
public sealed record IdentityFileNames
{
    /// <summary>
    /// One's own certificate, then those between it and the authority. Default: null, none, and then no key either.
    /// </summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key of the certificate, not encrypted. Default: null, none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>
    /// Authorities whose word is taken about the other end; at least one that signed itself. Default: null, the
    /// system's.
    /// </summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>Who is refused all the same, as <see cref="RevocationList"/> reads it. Default: null, nobody.</summary>
    public string? RevokedFile { get; init; }
}
