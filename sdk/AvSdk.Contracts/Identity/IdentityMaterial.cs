using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace AvSdk.Contracts.Identity;

/// <summary>One end's certificate, and whom it trusts. Immutable; the certificates stay its own.</summary>
public sealed class IdentityMaterial
{
    /// <summary>Creates it.</summary>
    /// <param name="certificate">With its private key; null: none.</param>
    /// <param name="between">The certificates between it and its authority; sent along.</param>
    /// <param name="authorities">Whose word is taken about the other end; null: the system's.</param>
    /// <param name="revoked">Who is refused all the same.</param>
    /// <exception cref="ArgumentException">The certificate has no private key.</exception>
    public IdentityMaterial(
        X509Certificate2? certificate, X509Certificate2Collection? between, X509Certificate2Collection? authorities,
        RevocationList? revoked)
        : this(certificate is null ? null : ContextOf(certificate, between), authorities, revoked ?? RevocationList.Empty)
    {
    }

    internal IdentityMaterial(
        SslStreamCertificateContext? own, X509Certificate2Collection? authorities, RevocationList revoked) =>
        (Own, Authorities, Revoked) = (own, authorities, revoked);

    /// <summary>One's own certificate with those between, ready to be sent; null: none.</summary>
    public SslStreamCertificateContext? Own { get; }

    /// <summary>One's own certificate; null: none.</summary>
    public X509Certificate2? Certificate => Own?.TargetCertificate;

    /// <summary>Whose word is taken about the other end; null: the system's.</summary>
    public X509Certificate2Collection? Authorities { get; }

    /// <summary>Who is refused all the same.</summary>
    public RevocationList Revoked { get; }

    // Offline: what is missing between is not fetched from anywhere.
    internal static SslStreamCertificateContext ContextOf(X509Certificate2 certificate, X509Certificate2Collection? between) =>
        certificate.HasPrivateKey
            ? SslStreamCertificateContext.Create(certificate, between ?? [], offline: true)
            : throw new ArgumentException("The certificate has no private key: give one that has.", nameof(certificate));
}
