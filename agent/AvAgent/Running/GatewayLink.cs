using System.Text;
using AvSdk.Agent.Commands;
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
internal sealed record GatewayLink(IUplink Uplink, AvCredentials? Credentials) : IAsyncDisposable
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
        if (gateway.Mqtt is { } mqtt)
            return new GatewayLink(ToBroker(gateway.Address, mqtt, credentials, vehicleId, time, logs), credentials);
        GrpcUplinkOptions options = new() { Credentials = credentials, TimeProvider = time, LoggerFactory = logs };
        return new GatewayLink(new GrpcUplink(gateway.Address, options), credentials);
    }

    /// <summary>After the recorder: the vehicle is said to be gone.</summary>
    public ValueTask DisposeAsync() => Uplink is IAsyncDisposable uplink ? uplink.DisposeAsync() : ValueTask.CompletedTask;

    private static MqttUplink ToBroker(
        string address, MqttConfiguration mqtt, AvCredentials? credentials, string vehicleId, TimeProvider time,
        ILoggerFactory logs)
    {
        MqttUplinkOptions options = new()
        {
            VehicleId = vehicleId,
            Software = VersionCommand.Software,
            ClientId = mqtt.ClientId,
            UserName = mqtt.UserName,
            Password = mqtt.PasswordFile is { } file ? ReadPassword(file) : null,
            Credentials = credentials,
            TimeProvider = time,
            LoggerFactory = logs,
        };
        if (mqtt.PublicationBytesMax is { } bytes)
            options = options with { PublicationBytesMax = bytes };
        return new MqttUplink(address, options);
    }

    private static byte[] ReadPassword(string file)
    {
        try
        {
            return Encoding.UTF8.GetBytes(File.ReadLines(file).FirstOrDefault() ?? "");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new RecorderException($"The broker's password cannot be read from {file}: {refused.Message}", refused);
        }
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
