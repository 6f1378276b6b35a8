using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace AvSdk.Contracts.Identity;

/// <summary>TLS as vehicles, clients and gateways speak it: 1.2 or 1.3, each end's certificate judged by
/// <see cref="CertificateCheck"/>. For any transport over an <see cref="SslStream"/>.</summary>
public static class IdentityTls
{
    private const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>
    /// The connecting end. A certificate of the server that is not taken ends the handshake with
    /// <see cref="CertificateRefusedException"/>.
    /// </summary>
    /// <param name="material">One's own certificate, and whom it trusts.</param>
    /// <param name="serverName">The host name or IP address that the server's certificate must be for.</param>
    /// <param name="time">The clock that certificates are held against.</param>
    public static SslClientAuthenticationOptions ForClient(IdentityMaterial material, string serverName, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(material);
        ArgumentException.ThrowIfNullOrEmpty(serverName);
        ArgumentNullException.ThrowIfNull(time);
        return new SslClientAuthenticationOptions
        {
            TargetHost = serverName,
            EnabledSslProtocols = Versions,
            ClientCertificateContext = material.Own,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,

            // A resumed session would stand on certificates of before a rotation or a revocation.
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                CertificateCheck.CheckServer(
                    certificate as X509Certificate2, Sent(chain), material.Authorities, serverName, time.GetUtcNow())
                    is { } refusal
                    ? throw new CertificateRefusedException(refusal)
                    : true,
        };
    }

    /// <summary>
    /// The listening end. Where <paramref name="judged"/> says so the handshake succeeds whatever certificate the peer has,
    /// so that he can be told in his protocol's own words why he is refused, and is kept from everything else.
    /// </summary>
    /// <param name="material">One's own certificate, and whom it trusts; both are needed.</param>
    /// <param name="time">The clock that certificates are held against.</param>
    /// <param name="judged">
    /// Called once in each handshake: the peer's certificate (null: none), and who it is or why not. False: the handshake
    /// fails, and the peer is not told why.
    /// </param>
    /// <exception cref="ArgumentException">There is no certificate or no authority.</exception>
    public static SslServerAuthenticationOptions ForServer(
        IdentityMaterial material, TimeProvider time,
        Func<X509Certificate2?, PeerIdentity?, CertificateRefusal?, bool> judged)
    {
        ArgumentNullException.ThrowIfNull(material);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(judged);
        if (material is not { Own: { } own, Authorities: { } authorities })
            throw new ArgumentException("A server needs a certificate, and authorities for its clients.", nameof(material));
        return new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = Versions,
            ServerCertificateContext = own,
            ClientCertificateRequired = true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                X509Certificate2? peer = certificate as X509Certificate2;
                CertificateRefusal? refusal = CertificateCheck.CheckPeer(
                    peer, Sent(chain), authorities, material.Revoked, time.GetUtcNow(), out PeerIdentity? identity);
                return judged(peer, identity, refusal);
            },
        };
    }

    // The stream puts what the peer sent beside his own certificate here.
    private static X509Certificate2Collection Sent(X509Chain? chain) => chain?.ChainPolicy.ExtraStore ?? [];
}
