using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace AvSdk.Contracts.Identity;

/// <summary>PEM (RFC 7468) to certificates and keys, and what to say where it is not.</summary>
internal static class PemReading
{
    public static Reading<SslStreamCertificateContext> Pair(
        string certificateFile, string keyFile, byte[] certificatePem, byte[] keyPem, Func<X509Certificate2, string?>? accept)
    {
        X509Certificate2Collection certificates = [];
        if (Certificates(certificatePem, certificates) is { } wrong)
            return Refuse(nameof(IdentityFileNames.CertificateFile), certificateFile, wrong);
        string keyText = Encoding.UTF8.GetString(keyPem);
        if (keyText.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            return Refuse(nameof(IdentityFileNames.KeyFile), keyFile,
                "The key is encrypted, and nobody is there to type a password: store it decrypted, readable for this user "
                + "alone.");
        }

        X509Certificate2 certificate;
        try
        {
            // Of the file's certificates the first is one's own.
            certificate = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(certificatePem), keyText);
        }
        catch (Exception refused) when (refused is CryptographicException or ArgumentException)
        {
            // Which of the two is thrown for a key of somebody else is the framework's, and has changed.
            return Refuse(nameof(IdentityFileNames.KeyFile), keyFile, HasKey(keyText)
                ? $"It is not the key of the certificate in {certificateFile}: name the two that belong together."
                : "Expected a private key as PEM (-----BEGIN PRIVATE KEY-----), not encrypted.");
        }

        if (accept?.Invoke(certificate) is { } objection)
            return Refuse(nameof(IdentityFileNames.CertificateFile), certificateFile, objection);
        X509Certificate2Collection between = [.. certificates.Skip(1)];
        return new(IdentityMaterial.ContextOf(certificate, between), null);

        static Reading<SslStreamCertificateContext> Refuse(string key, string file, string remedy) =>
            new(null, new IdentityFileProblem(key, file, remedy));
    }

    public static Reading<X509Certificate2Collection> Authorities(string file, byte[] pem)
    {
        X509Certificate2Collection authorities = [];
        string? problem = Certificates(pem, authorities);
        if (problem is null && !authorities.Any(CertificateCheck.IsRoot))
            problem = "There is no certificate in it that signed itself: add the root authority's, where trust begins.";
        return problem is null
            ? new(authorities, null)
            : new(null, new IdentityFileProblem(nameof(IdentityFileNames.AuthoritiesFile), file, problem));
    }

    public static Reading<RevocationList> Revoked(string file, byte[] text)
    {
        RevocationList? list = RevocationList.TryParse(Encoding.UTF8.GetString(text), out IReadOnlyList<string> problems);
        return list is not null
            ? new(list, null)
            : new(null, new IdentityFileProblem(
                nameof(IdentityFileNames.RevokedFile), file, string.Join(' ', problems.Take(5))));
    }

    /// <summary><c>certificate CN=veh-042 (serial 3F), good until 2027-11-22</c>.</summary>
    public static string Summary(X509Certificate2 certificate) =>
        $"certificate {certificate.Subject} (serial {certificate.SerialNumber}), good until "
        + certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static bool HasKey(string pem)
    {
        foreach (ReadOnlySpan<char> line in pem.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("-----END ") && line.EndsWith("PRIVATE KEY-----"))
                return true;
        }

        return false;
    }

    private static string? Certificates(byte[] pem, X509Certificate2Collection certificates)
    {
        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }

        return certificates.Count > 0
            ? null
            : "Expected certificates as PEM (-----BEGIN CERTIFICATE-----), one's own first.";
    }
}
