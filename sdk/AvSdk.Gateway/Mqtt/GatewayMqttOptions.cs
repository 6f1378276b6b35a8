using System.Security.Cryptography;
using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.Identity;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Transport;

namespace AvSdk.Gateway.Mqtt;

/// <summary>
/// The MQTT 5 broker that vehicles may upload over, beside gRPC. Who a vehicle is, the broker says: its access rules must
/// let each vehicle publish only under its own name, as <c>protos/av/v1/mqtt.md</c> shows.
/// </summary>
public sealed record GatewayMqttOptions
{
    /// <summary>
    /// The broker: <c>mqtt://host[:1883]</c>, <c>mqtts://host[:8883]</c> (TLS), <c>ws://</c> or <c>wss://host/path</c>.
    /// Required.
    /// </summary>
    public string Address { get; init; } = "";

    /// <summary>
    /// The gateway's name in topics and, after <c>avgateway-</c>, to the broker: another one for each gateway. 1 to 128 of
    /// A-Z a-z 0-9 . _ -. Default: null, the machine's name.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// Gateways of one group share the vehicles, a stream each: each vehicle must reach all that the group stores. Default:
    /// <c>avgateway</c>.
    /// </summary>
    public string Group { get; init; } = "avgateway";

    /// <summary>Default: null, none.</summary>
    public string? UserName { get; init; }

    /// <summary>
    /// A file whose first line is the password; read for each connection. Default: null, none.
    /// </summary>
    public string? PasswordFile { get; init; }

    /// <summary>
    /// The gateway's certificate for the broker, PEM, then those between it and its authority. Default: null, none.
    /// </summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key of the certificate, PEM, not encrypted. Default: null, none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The authorities whose word is taken about the broker, PEM. Default: null, the system's.</summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>The name that the broker's certificate must be for. Default: null, the host of the address.</summary>
    public string? ServerName { get; init; }

    /// <summary>Streams at a time; the vehicle of another is told when to come back. Default: 10,000.</summary>
    public int StreamsMax { get; init; } = 10_000;

    /// <summary>
    /// Publications of all streams that are taken from the broker and not from their streams, bytes: at it the broker is not
    /// read from. Default: 256 MiB.
    /// </summary>
    public long WaitingBytesMax { get; init; } = 256L << 20;

    /// <summary>A stream that takes nothing of what waits for so long is ended. Default: 1 min.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// A ping after this long without a packet; the broker takes the gateway for gone after one and a half times as long.
    /// Default: 15 s.
    /// </summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether the broker is spoken to over TLS.</summary>
    public bool IsTls => Uri.TryCreate(Address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "mqtts" or "wss";

    /// <summary>Connects in place of the address. Default: null.</summary>
    internal Func<CancellationToken, ValueTask<IMqttChannel>>? ConnectChannel { get; init; }

    /// <summary>Random bytes: names, keys and how long to wait. Default: the system's.</summary>
    internal Func<int, byte[]> RandomBytes { get; init; } = RandomNumberGenerator.GetBytes;

    internal string NameInForce => Name
        ?? new string([.. Environment.MachineName.Where(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')]);

    internal IEnumerable<GatewayOptionProblem> Validate(TimeProvider time)
    {
        if (!Uri.TryCreate(Address, UriKind.Absolute, out Uri? uri)
            || new MqttClientOptions { Address = uri }.Validate().Count > 0)
        {
            yield return new(Path(nameof(Address)), Address,
                "give mqtt://HOST:PORT or mqtts://HOST:PORT, or ws:// and wss:// with a path.");
        }

        if (!CarrierTopics.IsName(NameInForce))
            yield return new(Path(nameof(Name)), Name ?? "", "give each gateway a name of A-Z a-z 0-9 . _ -.");
        if (!CarrierTopics.IsName(Group))
            yield return new(Path(nameof(Group)), Group, "give a name of A-Z a-z 0-9 . _ -, the same to gateways that share.");
        if (PasswordFile is { } file && !File.Exists(file))
            yield return new(Path(nameof(PasswordFile)), file, "no such file; its first line is the password.");
        if (StreamsMax < 1)
            yield return new(Path(nameof(StreamsMax)), $"{StreamsMax}", "at least 1.");
        if (WaitingBytesMax < 1 << 20)
            yield return new(Path(nameof(WaitingBytesMax)), $"{WaitingBytesMax}", "at least 1048576.");
        if (StallTimeout <= TimeSpan.Zero)
            yield return new(Path(nameof(StallTimeout)), $"{StallTimeout}", "longer than zero.");
        IdentityFiles.Open(ToNames(), time, null, out IReadOnlyList<IdentityFileProblem> problems);
        foreach (IdentityFileProblem problem in problems)
            yield return new(Path(problem.Key), problem.File, problem.Remedy);
        bool hasFiles = (CertificateFile ?? KeyFile ?? AuthoritiesFile ?? ServerName) is not null;
        if (hasFiles && !IsTls)
            yield return new(Path(nameof(Address)), Address, "certificates are for TLS: write mqtts://, or leave them out.");
    }

    internal IdentityFileNames ToNames() => new()
    {
        CertificateFile = CertificateFile,
        KeyFile = KeyFile,
        AuthoritiesFile = AuthoritiesFile,
    };

    private static string Path(string key) => $"{nameof(GatewayOptions.Mqtt)}.{key}";
}
