using AvSdk.Agent.Configuration;
using AvSdk.Contracts.Identity;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using AvSdk.Uplink;
using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Running;

/// <summary>The way to the gateway as the configuration has it, and what is shown there.</summary>
/// <param name="Uplink">The uplink.</param>
/// <param name="Credentials">Null: none.</param>
internal sealed record GatewayLink(IUplink Uplink, AvCredentials? Credentials)
{
    /// <summary>Makes it; what about it is a risk is logged.</summary>
    /// <exception cref="RecorderException">A file cannot be used any more, though it could when it was checked.</exception>
    public static GatewayLink Create(
        GatewayConfiguration gateway, string vehicleId, TimeProvider time, ILoggerFactory logs)
    {
        ILogger logger = logs.CreateLogger("AvSdk.Agent");
        if (gateway.IsPlaintextBeyondLoopback)
            AgentLog.SendsPlaintext(logger, gateway.Address);
        AvCredentials? credentials = gateway.Tls is { } tls ? Open(tls, vehicleId, time) : null;
        if (gateway.IsTls && credentials?.Certificate is null)
            AgentLog.HasNoCertificate(logger, gateway.Address);
        if (credentials?.Certificate is { } own && CertificateCheck.CheckTime(own, time.GetUtcNow()) is { } refusal)
            AgentLog.CertificateIsNotGood(logger, refusal.Message);
        GrpcUplinkOptions options = new() { Credentials = credentials, TimeProvider = time, LoggerFactory = logs };
        return new GatewayLink(new GrpcUplink(gateway.Address, options), credentials);
    }

    private static AvCredentials Open(TlsConfiguration tls, string vehicleId, TimeProvider time)
    {
        IdentityFiles? files = IdentityFiles.Open(
            tls.ToNames(), time, own => TlsReader.WhyNotOf(own, vehicleId), out IReadOnlyList<IdentityFileProblem> problems);
        return files is not null
            ? new AvCredentials(files, tls.ServerName)
            : throw new RecorderException(string.Join(' ', problems));
    }
}
