using System.Security.Authentication;

namespace AvSdk.Contracts.Identity;

/// <summary>
/// The other end's certificate is not taken: there is no connection. Trying again soon does not help.
/// </summary>
// Thrown out of a TLS handshake, whose layers look for this base class.
#pragma warning disable CA1032
public sealed class CertificateRefusedException : AuthenticationException
#pragma warning restore CA1032
{
    /// <summary>Creates the exception.</summary>
    public CertificateRefusedException(CertificateRefusal refusal)
        : base((refusal ?? throw new ArgumentNullException(nameof(refusal))).Message) => Refusal = refusal;

    /// <summary>Why.</summary>
    public CertificateRefusal Refusal { get; }

    /// <summary>The one that <paramref name="failure"/> was caused by; null: none was.</summary>
    public static CertificateRefusedException? Behind(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is CertificateRefusedException refused)
                return refused;
        }

        return null;
    }
}
