using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;
using AvSdk.Gateway.Identity;

namespace AvSdk.Tests.Identity;

/// <summary>An authority of a test's own, and what it issues; good from an hour ago for a day.</summary>
internal sealed class TestFleet : IDisposable
{
    private readonly DevelopmentAuthority _authority;

    public TestFleet(string name = "fleet", TimeProvider? time = null)
    {
        Now = (time ?? TimeProvider.System).GetUtcNow();
        _authority = DevelopmentAuthority.Create(name, Now.AddYears(-1), Now.AddYears(1));
    }

    public DateTimeOffset Now { get; }

    public DevelopmentAuthority Authority => _authority;

    public X509Certificate2Collection Authorities => [_authority.Certificate];

    public X509Certificate2 Vehicle(string name, double fromHours = -1, double toHours = 24) => _authority.Issue(
        new PeerIdentity(PeerKind.Vehicle, name), Now.AddHours(fromHours), Now.AddHours(toHours));

    public X509Certificate2 Client(string name) => _authority.Issue(
        new PeerIdentity(PeerKind.Client, name), Now.AddHours(-1), Now.AddHours(24));

    public X509Certificate2 Server(params string[] names) => _authority.IssueServer(names, Now.AddHours(-1), Now.AddHours(24));

    /// <summary>Judges a certificate as a gateway that trusts this fleet does.</summary>
    public CertificateRefusal? Judge(
        X509Certificate2? certificate, out PeerIdentity? identity, RevocationList? revoked = null,
        params X509Certificate2[] sent) =>
        CertificateCheck.CheckPeer(certificate, sent, Authorities, revoked ?? RevocationList.Empty, Now, out identity);

    /// <summary>A certificate with these alternative names, as an authority that knows nothing of us issues it.</summary>
    public static X509Certificate2 SelfSigned(string subject, Action<SubjectAlternativeNameBuilder>? names = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        if (names is not null)
        {
            SubjectAlternativeNameBuilder builder = new();
            names(builder);
            request.CertificateExtensions.Add(builder.Build());
        }

        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }

    /// <summary>The names of the files that a certificate and its key were written to.</summary>
    public static (string Certificate, string Key) Write(string folder, string name, X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        string certificateFile = Path.Combine(folder, name + ".pem");
        string keyFile = Path.Combine(folder, name + ".key");
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        return (certificateFile, keyFile);
    }

    public string WriteAuthorities(string folder, string name = "ca.pem")
    {
        string file = Path.Combine(folder, name);
        File.WriteAllText(file, _authority.ExportCertificatePem());
        return file;
    }

    public void Dispose() => _authority.Dispose();
}
