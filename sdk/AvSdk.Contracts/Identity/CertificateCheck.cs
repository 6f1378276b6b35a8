// What is asked of a certificate, in this order; the first "no" is the answer:
//   1. a trusted authority vouches for it, over the certificates that came with it       WrongAuthority
//   2. neither it nor one of these is on the list of the revoked                         Revoked
//   3. the time is within its own and theirs                                             Expired, NotYetValid
//   4. it is for this use: TLS client, or TLS server (extended key usage, if it has one) WrongUse
//   5. its name is the one expected, or of a form that is known                          WrongName
// Nothing is fetched: no list of an authority (CRL, OCSP), no missing certificate. The list of the revoked is ours.
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AvSdk.Contracts.Identity;

/// <summary>
/// Decides whether a certificate is taken, and says why not. Pure: no network, file or clock of its own, so that every
/// transport asks the same.
/// </summary>
public static class CertificateCheck
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain
        | X509ChainStatusFlags.NotSignatureValid | X509ChainStatusFlags.Cyclic
        | X509ChainStatusFlags.InvalidBasicConstraints | X509ChainStatusFlags.ExplicitDistrust;

    /// <summary>What a gateway asks of the certificate of a vehicle or client that connects.</summary>
    /// <param name="certificate">Null: none was given.</param>
    /// <param name="sent">What came with it, in any order.</param>
    /// <param name="authorities">Whose word is taken: certificates of root authorities, and of authorities between.</param>
    /// <param name="revoked">Who is refused all the same.</param>
    /// <param name="now">The time.</param>
    /// <param name="identity">Who it is; null when it is refused.</param>
    /// <returns>Null: it is taken.</returns>
    public static CertificateRefusal? CheckPeer(
        X509Certificate2? certificate, IEnumerable<X509Certificate2> sent, X509Certificate2Collection authorities,
        RevocationList revoked, DateTimeOffset now, out PeerIdentity? identity)
    {
        ArgumentNullException.ThrowIfNull(authorities);
        ArgumentNullException.ThrowIfNull(revoked);
        identity = null;
        if (certificate is null)
        {
            return new CertificateRefusal(CertificateFault.NotGiven,
                "no certificate was given, and this gateway knows vehicles and clients by theirs: configure one that its "
                + "authority issued, with its key.");
        }

        if (CheckChain(certificate, sent, authorities, revoked, now, ForClients, "a TLS client") is { } refusal)
            return refusal;
        identity = PeerIdentity.TryRead(certificate, out string problem);
        return identity is null
            ? new CertificateRefusal(CertificateFault.WrongName, $"{Describe(certificate)} is for nobody known here: {problem}.")
            : null;
    }

    /// <summary>What a vehicle or client asks of the certificate of the gateway that it connects to.</summary>
    /// <param name="certificate">Null: none was given.</param>
    /// <param name="sent">What came with it, in any order.</param>
    /// <param name="authorities">Whose word is taken; null: the system's.</param>
    /// <param name="serverName">The host name or IP address that it must be for.</param>
    /// <param name="now">The time.</param>
    /// <returns>Null: it is taken.</returns>
    public static CertificateRefusal? CheckServer(
        X509Certificate2? certificate, IEnumerable<X509Certificate2> sent, X509Certificate2Collection? authorities,
        string serverName, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrEmpty(serverName);
        if (certificate is null)
        {
            return new CertificateRefusal(
                CertificateFault.NotGiven, "The server gave no certificate: does another one listen there?");
        }

        if (CheckChain(certificate, sent, authorities, RevocationList.Empty, now, ForServers, "a TLS server") is { } refusal)
        {
            string hint = refusal.Fault == CertificateFault.WrongAuthority
                ? " A login page of the network, or a proxy, may answer in its place."
                : "";
            return refusal with { Message = "The server: " + refusal.Message + hint };
        }

        return certificate.MatchesHostname(serverName, allowWildcards: true, allowCommonName: false)
            ? null
            : new CertificateRefusal(CertificateFault.WrongName,
                $"The server: {Describe(certificate)} is not for {serverName}, but for {Names(certificate)}. Use one of these "
                + "names in the address, say which is expected (serverName), or is this another server?");
    }

    /// <summary>
    /// Whether a certificate that was taken still is: its own time, and the list. Cheap enough for every call.
    /// </summary>
    /// <returns>Null: it is.</returns>
    public static CertificateRefusal? CheckAgain(
        X509Certificate2 certificate, RevocationList revoked, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(revoked);
        return revoked.Has(certificate) ? Revoked(certificate) : CheckTime(certificate, now);
    }

    /// <summary>
    /// Whether the time is within a certificate's own; <see cref="CertificateFault.Expired"/> or
    /// <see cref="CertificateFault.NotYetValid"/>.
    /// </summary>
    /// <returns>Null: it is.</returns>
    public static CertificateRefusal? CheckTime(X509Certificate2 certificate, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        DateTime utc = now.UtcDateTime;
        if (utc > certificate.NotAfter.ToUniversalTime())
        {
            return new CertificateRefusal(CertificateFault.Expired,
                $"{Describe(certificate)} expired at {Text(certificate.NotAfter)}; by the clock here it is {Text(utc)}. "
                + "Renew it.");
        }

        return utc < certificate.NotBefore.ToUniversalTime()
            ? new CertificateRefusal(CertificateFault.NotYetValid,
                $"{Describe(certificate)} is valid only from {Text(certificate.NotBefore)}; by the clock here it is {Text(utc)}. "
                + "Check the clocks of both ends.")
            : null;
    }

    /// <summary>Whether a certificate is issued by its own subject.</summary>
    public static bool IsRoot(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
    }

    /// <summary>For people: subject and serial number.</summary>
    public static string Describe(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return $"the certificate {Shown(certificate.Subject)} (serial {certificate.SerialNumber})";
    }

    private static CertificateRefusal? CheckChain(
        X509Certificate2 certificate, IEnumerable<X509Certificate2> sent, X509Certificate2Collection? authorities,
        RevocationList revoked, DateTimeOffset now, string use, string useName)
    {
        using X509Chain chain = new();
        X509ChainPolicy policy = chain.ChainPolicy;
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = now.UtcDateTime;
        policy.ApplicationPolicy.Add(new Oid(use));
        foreach (X509Certificate2 other in sent)
            policy.ExtraStore.Add(other);
        if (authorities is not null)
        {
            // Trust begins at those that signed themselves; the others only lead there.
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            foreach (X509Certificate2 authority in authorities)
                (IsRoot(authority) ? policy.CustomTrustStore : policy.ExtraStore).Add(authority);
        }

        bool isGood = chain.Build(certificate);
        X509ChainStatusFlags flags = default;
        foreach (X509ChainStatus status in chain.ChainStatus)
            flags |= status.Status;
        X509Certificate2[] line = [.. chain.ChainElements.Select(static element => element.Certificate)];
        try
        {
            if ((flags & Untrusted) != 0)
                return WrongAuthority(certificate, line, authorities);
            if (Array.Find(line, revoked.Has) is { } listed)
                return Revoked(listed);
            if (line.Select(one => CheckTime(one, now)).FirstOrDefault(static refusal => refusal is not null) is { } late)
                return late;
            if (flags.HasFlag(X509ChainStatusFlags.NotValidForUsage))
                return new CertificateRefusal(CertificateFault.WrongUse, $"{Describe(certificate)} is not one for {useName}.");
            return isGood
                ? null
                : new CertificateRefusal(CertificateFault.WrongAuthority, $"{Describe(certificate)} is not good: {flags}.");
        }
        finally
        {
            foreach (X509Certificate2 built in line)
                built.Dispose();
        }
    }

    private static CertificateRefusal Revoked(X509Certificate2 certificate) => new(
        CertificateFault.Revoked, $"{Describe(certificate)} was revoked. Issue another, if its holder is to come back.");

    private static CertificateRefusal WrongAuthority(
        X509Certificate2 certificate, X509Certificate2[] line, X509Certificate2Collection? authorities)
    {
        string trusted = authorities is null
            ? "the system's authorities"
            : string.Join("; ", authorities.Select(static authority => Shown(authority.Subject)).Distinct().Take(3));
        string known = line.Length > 1 ? $" Its chain ends at {Shown(line[^1].Subject)}." : "";
        return new CertificateRefusal(CertificateFault.WrongAuthority,
            $"{Describe(certificate)} was issued by {Shown(certificate.Issuer)}, which no authority trusted here vouches for."
            + $"{known} Trusted: {trusted}. Use a certificate of theirs, sent with those between, or trust that one.");
    }

    private static string Names(X509Certificate2 certificate)
    {
        string[] names =
        [
            .. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static extension =>
                extension.EnumerateDnsNames().Concat(
                    extension.EnumerateIPAddresses().Select(static address => address.ToString()))).Take(8).Select(Shown),
        ];
        return names.Length == 0 ? "no host" : string.Join(", ", names);
    }

    private static string Text(DateTime time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Shown(string text) => Printable.Begin(text, 120);
}
