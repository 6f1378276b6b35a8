using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Identity;

/// <summary>
/// The gateway's identity while it runs: gives each new connection what the files say by then, and judges who connects.
/// </summary>
internal sealed class GatewayTls
{
    private readonly IdentityFiles _files;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <exception cref="GatewayOptionsException">The files cannot be used, though they could when they were checked.</exception>
    public GatewayTls(GatewayTlsOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _time = time;
        _logger = loggers.CreateLogger(GatewayMeter.Name);
        _files = IdentityFiles.Open(options.ToNames(), time, null, out _)
            ?? throw new GatewayOptionsException([.. options.Validate(time)]);
        if (CertificateCheck.CheckTime(_files.Current.Certificate!, time.GetUtcNow()) is { } refusal)
            IdentityLog.OwnCertificateIsNotGood(_logger, refusal.Message);
    }

    /// <summary>Who is refused, as of the last look.</summary>
    public RevocationList Revoked => _files.Current.Revoked;

    /// <summary>Looks at the files now, as each new connection does.</summary>
    public void Refresh()
    {
        foreach (IdentityFileChange change in _files.Refresh())
        {
            if (change.Problem is { } problem)
                IdentityLog.Kept(_logger, problem.ToString());
            else
                IdentityLog.Replaced(_logger, change.What);
        }
    }

    /// <summary>The handshake of one connection, which is told who it is with.</summary>
    public ValueTask<SslServerAuthenticationOptions> HandshakeAsync(TlsHandshakeCallbackContext context)
    {
        Refresh();
        ConnectedPeer peer = new(this, _time);
        context.Connection.Features.Set(peer);
        return ValueTask.FromResult(IdentityTls.ForServer(_files.Current, _time, peer.Judge));
    }

    /// <summary>Round one connection after its handshake.</summary>
    public async Task ConnectAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        await next(connection).ConfigureAwait(false);
        if (connection.Features.Get<ConnectedPeer>() is { WasHeard: false } peer)
        {
            X509Certificate2 own = _files.Current.Certificate!;
            IdentityLog.LeftWithoutARequest(
                _logger, connection.RemoteEndPoint?.ToString() ?? "unix", peer.ToString(), CertificateCheck.Describe(own));
        }
    }
}
