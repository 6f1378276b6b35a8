using System.Net.Security;

namespace AvSdk.Mqtt.Transport;

/// <summary>What a TLS handshake is made with.</summary>
internal static class TlsOptions
{
    /// <summary>A copy of the caller's, since the handshake writes into it; the address' host where it names none.</summary>
    public static SslClientAuthenticationOptions For(Uri address, SslClientAuthenticationOptions? tls)
        => tls is null ? new SslClientAuthenticationOptions { TargetHost = address.IdnHost } : new()
        {
            AllowRenegotiation = tls.AllowRenegotiation,
            AllowTlsResume = tls.AllowTlsResume,
            ApplicationProtocols = tls.ApplicationProtocols,
            CertificateChainPolicy = tls.CertificateChainPolicy,
            CertificateRevocationCheckMode = tls.CertificateRevocationCheckMode,
            CipherSuitesPolicy = tls.CipherSuitesPolicy,
            ClientCertificateContext = tls.ClientCertificateContext,
            ClientCertificates = tls.ClientCertificates,
            EnabledSslProtocols = tls.EnabledSslProtocols,
            EncryptionPolicy = tls.EncryptionPolicy,
            LocalCertificateSelectionCallback = tls.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
            TargetHost = string.IsNullOrEmpty(tls.TargetHost) ? address.IdnHost : tls.TargetHost,
        };
}
