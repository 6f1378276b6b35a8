using System.Net.Sockets;
using System.Security.Cryptography;
using AvSdk.Contracts.Carrier;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Uplink;

/// <summary>How an <see cref="MqttUplink"/> connects, and what it publishes.</summary>
public sealed record MqttUplinkOptions
{
    /// <summary>
    /// The vehicle: its name in every topic, that the broker's access rules guard; the same as the recorder's. Required.
    /// </summary>
    public string VehicleId { get; init; } = "";

    /// <summary>The vehicle's software, as its status says. Default: <c>avsdk</c>.</summary>
    public string Software { get; init; } = "avsdk";

    /// <summary>
    /// Who the client is to the broker; unique there. Default: null, the vehicle's name.
    /// </summary>
    public string? ClientId { get; init; }

    /// <summary>Default: null, none.</summary>
    public string? UserName { get; init; }

    /// <summary>At most 65,535 bytes. Default: null, none.</summary>
    public ReadOnlyMemory<byte>? Password { get; init; }

    /// <summary>
    /// The vehicle's certificate, and whom it trusts; for mqtts and wss alone. Default: null, no certificate of its own and
    /// the system's authorities.
    /// </summary>
    public AvCredentials? Credentials { get; init; }

    /// <summary>How long connecting may take, the TLS handshake included. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a gateway may take to answer that it takes a stream, before another attempt is made. Default: 15 s.
    /// </summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A ping after this long without a packet; the broker takes the vehicle for gone after one and a half times as long.
    /// Default: 15 s.
    /// </summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the broker may give no sign of life before the link counts as lost. Default: 10 s.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest publication, bytes, if the broker takes as long packets: a longer message goes in several. 1 KiB to
    /// 4 MiB. Default: 1 MiB.
    /// </summary>
    public int PublicationBytesMax { get; init; } = 1 << 20;

    /// <summary>
    /// Bytes that may be under way to the broker without its word; one publication always may. Default: 1 MiB.
    /// </summary>
    public long UnconfirmedBytesMax { get; init; } = 1 << 20;

    /// <summary>The clock of timeouts, and that certificates are held against. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where it is told what becomes of the link. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Connects in place of the address. Default: null.</summary>
    internal Func<CancellationToken, ValueTask<IMqttChannel>>? ConnectChannel { get; init; }

    /// <summary>Random bytes, of which names of connections are made. Default: the system's.</summary>
    internal Func<int, byte[]> RandomBytes { get; init; } = RandomNumberGenerator.GetBytes;

    /// <summary>
    /// All that is wrong with the options, each with the key, the value and the remedy; empty: nothing.
    /// </summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (!CarrierTopics.IsName(VehicleId))
            problems.Add($"VehicleId is \"{VehicleId}\": use 1 to 128 of A-Z a-z 0-9 . _ -, the recorder's.");
        if (PublicationBytesMax is < 1024 or > 4 << 20)
            problems.Add($"PublicationBytesMax is {PublicationBytesMax}: use 1024 to 4194304.");
        if (UnconfirmedBytesMax < 1)
            problems.Add($"UnconfirmedBytesMax is {UnconfirmedBytesMax}: use 1 or more.");
        if (OpenTimeout <= TimeSpan.Zero)
            problems.Add($"OpenTimeout is {OpenTimeout}: use more than 0.");
        return problems;
    }

    internal MqttClientOptions ToClient(Uri address) => new()
    {
        Address = address,
        ClientId = ClientId ?? VehicleId,
        UserName = UserName,
        Password = Password,
        ConnectTimeout = ConnectTimeout,
        KeepAlive = KeepAlive,
        PingTimeout = PingTimeout,
        PacketBytesMax = ReplyBytesMax,
        ReceiveMaximum = 2 * CarrierStream.Window,
        Acknowledgement = MqttAcknowledgement.Manual,
        ConnectChannel = ConnectChannel,
        UnsentBytesMax = UnsentBytesMax,
        TimeProvider = TimeProvider,
        ConnectSocket = ConnectSocket,
    };

    /// <summary>Connects over a link.</summary>
    internal Func<string, int, CancellationToken, ValueTask<Socket>>? ConnectSocket { get; init; }

    /// <summary>How long a connection that ends is given to say so: over a link that is gone nothing is said any more.</summary>
    internal TimeSpan GoodbyeTimeout => ConnectSocket is null ? PingTimeout : TimeSpan.FromMilliseconds(300);

    // The kernel would take megabytes that wait for a slow link, and what is urgent would wait behind them; as over gRPC.
    private const int UnsentBytesMax = 64 << 10;

    // Gateways publish at most 256 KiB to a vehicle.
    private const int ReplyBytesMax = 512 << 10;
}
