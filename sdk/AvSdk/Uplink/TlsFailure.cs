using System.Security.Authentication;
using AvSdk.Contracts.Identity;

namespace AvSdk.Uplink;

/// <summary>What a TLS handshake that failed means to somebody who has to put it right.</summary>
internal static class TlsFailure
{
    private const string AlertMark = " alert ";

    /// <summary>Sentences; null: it was not TLS that failed.</summary>
    /// <param name="failure">With what caused it.</param>
    /// <param name="isConnecting">Whether nothing was answered yet: whoever ends the connection then may not like who
    /// connects.</param>
    /// <param name="peer">Who should be there: <c>The gateway</c>.</param>
    /// <param name="own">The certificate that was shown, for people; null: none.</param>
    /// <param name="isTransient">Whether the same may work later.</param>
    public static string? Explain(Exception failure, bool isConnecting, string peer, string? own, out bool isTransient)
    {
        isTransient = false;
        if (CertificateRefusedException.Behind(failure) is { } refused)
            return refused.Message;
        if (Alert(failure) is { } alert)
        {
            if (own is null && IsOfCertificate(alert))
                return $"{peer} wants a certificate of this vehicle, and none is configured (TLS alert: {alert}).";
            return IsOfCertificate(alert)
                ? $"{peer} does not take {own} (TLS alert: {alert}). Replace it by one that is good, of an authority that is "
                + "trusted there."
                : $"{peer} ends the TLS handshake (TLS alert: {alert}): check address and port, and which versions and "
                + "ciphers it takes.";
        }

        isTransient = true;
        if (Has<AuthenticationException>(failure))
        {
            return $"What answers does not speak TLS: a login page of the network, a proxy, or a port without TLS is in place of "
                + $"{char.ToLowerInvariant(peer[0])}{peer[1..]}. Check address and port, and the network.";
        }

        if (!isConnecting || !Has<IOException>(failure))
            return null;
        string why = own is null ? "It may want a certificate of this vehicle, and none is configured" : $"It may not take {own}";
        return $"{peer} ended the connection in the TLS handshake or right after it. {why}: its log says why.";
    }

    // RFC 8446, section 6.2, in OpenSSL's words. Below TLS 1.3 a server that misses a certificate has none but the last.
    private static bool IsOfCertificate(string alert) => alert.Contains("certificate", StringComparison.Ordinal)
        || alert is "unknown ca" or "access denied" or "handshake failure";

    // OpenSSL's words for what the other end sent: "error:0A000415:SSL routines::sslv3 alert certificate expired".
    private static string? Alert(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure.Message.StartsWith("error:", StringComparison.Ordinal)
                && failure.Message.IndexOf(AlertMark, StringComparison.Ordinal) is > 0 and int at)
            {
                return failure.Message[(at + AlertMark.Length)..];
            }
        }

        return null;
    }

    private static bool Has<T>(Exception? failure)
        where T : Exception
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is T)
                return true;
        }

        return false;
    }
}
