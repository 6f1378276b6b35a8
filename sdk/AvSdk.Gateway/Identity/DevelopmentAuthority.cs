using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;

namespace AvSdk.Gateway.Identity;

/// <summary>
/// An authority for developing and testing, that issues the certificates of gateways, vehicles and clients (ECDSA on
/// P-256, SHA-256). Whoever has its key can be everybody: a fleet's authority keeps it elsewhere than in a file.
/// </summary>
/// <remarks>In memory alone. What it issues is the caller's to dispose.</remarks>
public sealed class DevelopmentAuthority : IDisposable
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private readonly ECDsa _key;

    private DevelopmentAuthority(X509Certificate2 certificate, ECDsa key) => (Certificate, _key) = (certificate, key);

    /// <summary>Its certificate, without its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>A new authority, which signs itself.</summary>
    /// <param name="name">Its common name.</param>
    /// <param name="notBefore">When its time begins.</param>
    /// <param name="notAfter">When it ends; nothing that it issues counts longer.</param>
    public static DevelopmentAuthority Create(string name, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = AuthorityRequest(name, key);
        return new DevelopmentAuthority(
            request.Create(
                request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), notBefore, notAfter, NewSerial()),
            key);
    }

    /// <summary>An authority that was kept as PEM.</summary>
    /// <exception cref="CryptographicException">It is not PEM.</exception>
    /// <exception cref="ArgumentException">Certificate and key do not belong together, or the key is no EC key.</exception>
    public static DevelopmentAuthority FromPem(string certificatePem, string keyPem)
    {
        using X509Certificate2 pair = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        ECDsa key = pair.GetECDsaPrivateKey() ?? throw new ArgumentException("The key is no EC key.", nameof(keyPem));
        return new DevelopmentAuthority(X509Certificate2.CreateFromPem(certificatePem), key);
    }

    /// <summary>Its certificate as PEM.</summary>
    public string ExportCertificatePem() => Certificate.ExportCertificatePem();

    /// <summary>Its key as PEM, not encrypted.</summary>
    public string ExportKeyPem() => _key.ExportPkcs8PrivateKeyPem();

    /// <summary>An authority below this one.</summary>
    public DevelopmentAuthority IssueAuthority(string name, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new DevelopmentAuthority(Sign(AuthorityRequest(name, key), notBefore, notAfter), key);
    }

    /// <summary>A gateway's certificate, with its key.</summary>
    /// <param name="names">Host names and IP addresses that it is for; the first is its common name too.</param>
    /// <param name="notBefore">When its time begins.</param>
    /// <param name="notAfter">When it ends.</param>
    public X509Certificate2 IssueServer(IReadOnlyList<string> names, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentOutOfRangeException.ThrowIfZero(names.Count);
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }

        return Issue(names[0], alternatives, ForServers, notBefore, notAfter);
    }

    /// <summary>A vehicle's or client's certificate, with its key.</summary>
    public X509Certificate2 Issue(PeerIdentity identity, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        ArgumentNullException.ThrowIfNull(identity);
        SubjectAlternativeNameBuilder alternatives = new();
        alternatives.AddUri(new Uri(identity.ToUri()));
        return Issue(identity.Name, alternatives, ForClients, notBefore, notAfter);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(
        string commonName, SubjectAlternativeNameBuilder alternatives, string use, DateTimeOffset notBefore,
        DateTimeOffset notAfter)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(commonName, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        request.CertificateExtensions.Add(alternatives.Build());
        using X509Certificate2 issued = Sign(request, notBefore, notAfter);
        return issued.CopyWithPrivateKey(key);
    }

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        return request.Create(
            Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), notBefore, notAfter, NewSerial());
    }

    private static CertificateRequest AuthorityRequest(string name, ECDsa key)
    {
        CertificateRequest request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        return request;
    }

    private static CertificateRequest Request(string commonName, ECDsa key)
    {
        X500DistinguishedNameBuilder name = new();
        name.AddCommonName(commonName);
        CertificateRequest request = new(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    // 127 random bits, positive and without a leading zero byte (RFC 5280, section 4.1.2.2).
    private static byte[] NewSerial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }
}
