using System.Net.Security;
using System.Net.Sockets;
using AvSdk.Mqtt.Transport;

namespace AvSdk.Mqtt;

/// <summary>How a client connects, and what it takes.</summary>
public sealed record MqttClientOptions
{
    /// <summary>
    /// The server: <c>mqtt://host[:1883]</c>, <c>mqtts://host[:8883]</c> (TLS), <c>ws://</c> or <c>wss://host/path</c>
    /// (WebSocket). Needed unless <see cref="ConnectChannel"/> is given.
    /// </summary>
    public Uri? Address { get; init; }

    /// <summary>
    /// How long connecting may take: name, TCP, TLS, authentication and the server's answer. Default: 20 s.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Who the client is; unique at the server. Default: empty, the server chooses.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>
    /// Whether the server forgets an earlier session. A carried <see cref="MqttSession"/> that was connected is
    /// resumed whatever this says. Default: true.
    /// </summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>
    /// How long the server keeps the session after the connection ends; whole seconds, rounded up;
    /// <see cref="Timeout.InfiniteTimeSpan"/>: for ever. Default: zero.
    /// </summary>
    public TimeSpan SessionExpiry { get; init; }

    /// <summary>
    /// A ping goes out before this long without a packet sent; zero: never. At most 65,535 s. The server may
    /// set another. Default: 30 s.
    /// </summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the server may give no sign of life after a ping before the connection counts as lost; and how
    /// long it may be silent, with something to answer, before it is pinged. What the network takes counts as a sign
    /// of life, in pieces of 256 KiB: give slow links time for one. The TCP connection gives up after the
    /// same time without an acknowledgement (Linux). Default: 10 s.
    /// </summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Default: null, none.</summary>
    public string? UserName { get; init; }

    /// <summary>At most 65,535 bytes. Default: null, none.</summary>
    public ReadOnlyMemory<byte>? Password { get; init; }

    /// <summary>What the server publishes when the connection is lost. Default: null, nothing.</summary>
    public MqttWill? Will { get; init; }

    /// <summary>
    /// How many messages of QoS 1 and 2 the server sends before one is acknowledged, 1 to 65,535: with
    /// <see cref="PacketBytesMax"/> the bound of their memory. Default: 64.
    /// </summary>
    public int ReceiveMaximum { get; init; } = 64;

    /// <summary>
    /// Where a server sends more than <see cref="ReceiveMaximum"/> all the same (mosquitto 2.0.11 does, when it has a
    /// queue): how many bytes of payloads of QoS 1 and 2 are held before nothing more is read until one is acknowledged.
    /// Default: 256 MiB.
    /// </summary>
    public long UnacknowledgedBytesMax { get; init; } = 256 * 1024 * 1024;

    /// <summary>The largest packet that is taken, bytes, its header included. Default: 16 MiB.</summary>
    public int PacketBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>How many topic aliases the server may use, 0 to 65,535. Default: 16.</summary>
    public int TopicAliasMaximum { get; init; } = 16;

    /// <summary>
    /// How many topic aliases are used for what is published, where the server takes them; the topics used
    /// last have one. 0: none. Default: 16.
    /// </summary>
    public int PublishTopicAliasMaximum { get; init; } = 16;

    /// <summary>
    /// How many publications may wait or be under way; the next one's outcome is
    /// <see cref="MqttPublishStatus.QueueFull"/>. Default: 4096.
    /// </summary>
    public int PublishQueueMax { get; init; } = 4096;

    /// <summary>Default: <see cref="MqttAcknowledgement.Automatic"/>.</summary>
    public MqttAcknowledgement Acknowledgement { get; init; }

    /// <summary>How many messages of QoS 0 are kept for whoever takes them. Default: 1024.</summary>
    public int WaitingMessagesMax { get; init; } = 1024;

    /// <summary>
    /// How many bytes of payloads of QoS 0 are kept; one message is always taken. Default: 16 MiB.
    /// </summary>
    public long WaitingBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>What happens above either. Default: <see cref="MqttWhenFull.DropNewest"/>.</summary>
    public MqttWhenFull WhenFull { get; init; }

    /// <summary>Whether to ask for <see cref="MqttServerCapabilities.ResponseInformation"/>. Default: false.</summary>
    public bool RequestResponseInformation { get; init; }

    /// <summary>Whether the server may explain failures with texts and properties. Default: true.</summary>
    public bool RequestProblemInformation { get; init; } = true;

    /// <summary>Sent when connecting. Default: none.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];

    /// <summary>Makes the exchange of enhanced authentication. Default: null, none.</summary>
    public Func<MqttAuthenticator>? Authenticator { get; init; }

    /// <summary>
    /// Trust and certificates for <c>mqtts</c> and <c>wss</c>; where it names no host, the address' counts.
    /// Default: null, the system's trust and no client certificate.
    /// </summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>
    /// How many bytes the kernel may hold that it has not sent, so that what is published next soon follows
    /// (TCP_NOTSENT_LOWAT, Linux). Default: null, the kernel's choice.
    /// </summary>
    public int? UnsentBytesMax { get; init; }

    /// <summary>
    /// Connects to a host and a port, in place of a plain TCP connection; TLS and WebSocket are made over it. The client
    /// closes the socket. Default: null.
    /// </summary>
    public Func<string, int, CancellationToken, ValueTask<Socket>>? ConnectSocket { get; init; }

    /// <summary>
    /// Connects in place of <see cref="Address"/>: a tunnel, a chosen interface, memory. The client closes the channel.
    /// Default: null.
    /// </summary>
    public Func<CancellationToken, ValueTask<IMqttChannel>>? ConnectChannel { get; init; }

    /// <summary>The clock of timeouts. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Every problem, each naming the property, the value and the remedy; empty when there is none.</summary>
    public IReadOnlyList<string> Validate() => MqttClientOptionsCheck.Problems(this);
}
