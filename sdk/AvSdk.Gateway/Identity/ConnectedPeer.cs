using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;

namespace AvSdk.Gateway.Identity;

/// <summary>Who one TLS connection is with. Until somebody judged, nobody who is let in.</summary>
internal sealed class ConnectedPeer(GatewayTls tls, TimeProvider time)
{
    private static readonly CertificateRefusal NotJudged =
        new(CertificateFault.NotGiven, "The handshake asked for no certificate.");

    private X509Certificate2? _certificate;
    private CertificateRefusal? _refusal = NotJudged;
    private int _requests;
    private int _refusals;

    /// <summary>Null: refused.</summary>
    public PeerIdentity? Identity { get; private set; }

    /// <summary>A request came over the connection.</summary>
    public bool WasHeard => Volatile.Read(ref _requests) > 0;

    /// <summary>True once: the first refusal of a connection is the one to log.</summary>
    public bool IsFirstRefusal => Interlocked.Increment(ref _refusals) == 1;

    /// <summary>In the handshake. True: it goes on, so that the peer can be told.</summary>
    public bool Judge(X509Certificate2? certificate, PeerIdentity? identity, CertificateRefusal? refusal)
    {
        (_certificate, Identity, _refusal) = (certificate, identity, refusal);
        return true;
    }

    /// <summary>A request came that is for everybody.</summary>
    public void Hear() => Interlocked.Increment(ref _requests);

    /// <summary>For each request: what was true in the handshake, and still is. Null: let it in.</summary>
    public CertificateRefusal? Check()
    {
        Hear();
        return _refusal ?? CertificateCheck.CheckAgain(_certificate!, tls.Revoked, time.GetUtcNow());
    }

    /// <summary>For logs.</summary>
    public override string ToString() => Identity?.ToString()
        ?? (_certificate is null ? "nobody known" : CertificateCheck.Describe(_certificate));
}
