using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using AvSdk.Mqtt.Packets;
using AvSdk.Mqtt.Transport;

namespace AvSdk.Mqtt;

// Making a connection: channel, CONNECT, the exchange of an authentication, CONNACK (MQTT 5, sections 3.1, 3.2, 4.12).
public sealed partial class MqttClient
{
    /// <summary>Connects, with a session of its own.</summary>
    /// <inheritdoc cref="ConnectAsync(MqttClientOptions, MqttSession, CancellationToken)"/>
    public static Task<MqttClient> ConnectAsync(MqttClientOptions options, CancellationToken cancellationToken = default)
        => ConnectWithAsync(options, new MqttSession(), false, cancellationToken);

    /// <summary>Connects, and goes on with what the session holds.</summary>
    /// <param name="options">Checked first: all problems are named.</param>
    /// <param name="session">The caller's; it is in use until the client is disposed of.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing after it.</param>
    /// <returns>The client; dispose of it.</returns>
    /// <exception cref="ArgumentException">Options with problems.</exception>
    /// <exception cref="MqttException">No connection: what happened is its <see cref="MqttException.Failure"/>, the
    /// server's word its <see cref="MqttException.ReasonCode"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<MqttClient> ConnectAsync(
        MqttClientOptions options, MqttSession session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return ConnectWithAsync(options, session, true, cancellationToken);
    }

    private static async Task<MqttClient> ConnectWithAsync(
        MqttClientOptions options, MqttSession session, bool isCarried, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<string> problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        session.Claim();
        try
        {
            MqttClient client = await HandshakeAsync(options, session, isCarried, cancellationToken).ConfigureAwait(false);
            client.Start();
            return client;
        }
        catch
        {
            session.Unclaim();
            throw;
        }
    }

    private static async Task<MqttClient> HandshakeAsync(
        MqttClientOptions options, MqttSession session, bool isCarried, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(options.ConnectTimeout, options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        IMqttChannel? channel = null;
        PacketBuffer buffer = new(options.PacketBytesMax);
        try
        {
            channel = options.ConnectChannel is { } connect
                ? await connect(either.Token).ConfigureAwait(false)
                : await MqttChannels.ConnectAsync(options, either.Token).ConfigureAwait(false);
            ConnackPacket connack = await ExchangeAsync(options, session, channel, buffer, either.Token).ConfigureAwait(false);
            return new MqttClient(options, session, isCarried, channel, buffer, connack);
        }
        catch (Exception e)
        {
            if (channel is not null)
                await channel.DisposeAsync().ConfigureAwait(false);
            buffer.Dispose();
            if (e is MqttException or ArgumentException)
                throw;
            cancellationToken.ThrowIfCancellationRequested();
            throw Unreachable(options, e, timeout.IsCancellationRequested);
        }
    }

    private static async Task<ConnackPacket> ExchangeAsync(
        MqttClientOptions options, MqttSession session, IMqttChannel channel, PacketBuffer buffer,
        CancellationToken cancellationToken)
    {
        MqttAuthenticator? authenticator = options.Authenticator?.Invoke();
        ReadOnlyMemory<byte> authenticationData = authenticator is null
            ? default
            : await Authenticating(() => authenticator.StartAsync(cancellationToken)).ConfigureAwait(false);
        ConnectPacket connect = ConnectFor(options, session, authenticator?.Method, authenticationData);
        try
        {
            await channel.WriteAsync(connect.Encode(), default, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Closed before it took that: what it said first, in a TLS alert or a CONNACK, is read below.
        }

        while (true)
        {
            object answer = await ReadAnswerAsync(options, channel, buffer, cancellationToken).ConfigureAwait(false);
            if (answer is ConnackPacket connack)
            {
                RequireAccepted(options, connect, connack);
                if (authenticator is not null)
                {
                    ReadOnlyMemory<byte> last = connack.Properties?.Data(PropertyId.AuthenticationData) ?? default;
                    await Authenticating(() => authenticator.FinishAsync(last, cancellationToken)).ConfigureAwait(false);
                }

                return connack;
            }

            EndPacket auth = (EndPacket)answer;
            if (auth.Type == PacketType.Disconnect)
                throw EndedByServer(options, auth);
            if (authenticator is null || auth.Code != MqttReasonCode.ContinueAuthentication)
                throw Bad(options, new PacketError(MqttReasonCode.ProtocolError, 0, "AUTH that was not asked for (4.12.0-6)"));
            ReadOnlyMemory<byte> reply = await Authenticating(() => authenticator.ContinueAsync(
                auth.Properties?.Data(PropertyId.AuthenticationData) ?? default, cancellationToken)).ConfigureAwait(false);
            byte[] packet = AuthPacket(MqttReasonCode.ContinueAuthentication, authenticator.Method, reply);
            await channel.WriteAsync(packet, default, cancellationToken).ConfigureAwait(false);
        }
    }

    // CONNACK, AUTH or DISCONNECT.
    private static async Task<object> ReadAnswerAsync(
        MqttClientOptions options, IMqttChannel channel, PacketBuffer buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryReadAnswer(options, buffer) is { } answer)
                return answer;
            int bytes = await channel.ReadAsync(buffer.GetFreeMemory(), cancellationToken).ConfigureAwait(false);
            if (bytes == 0)
                throw new IOException("The server closed the connection without an answer.");
            buffer.Commit(bytes);
        }
    }

    private static object? TryReadAnswer(MqttClientOptions options, PacketBuffer buffer)
    {
        if (!buffer.TryRead(out PacketHeader header, out ReadOnlySpan<byte> body, out PacketError error))
            return error.IsError ? throw NoMqtt(options, error) : null;
        PacketReader input = new(body, header.HeaderBytes);
        object? answer = header.Type switch
        {
            PacketType.Connack => ConnackPacket.Read(ref input),
            PacketType.Auth or PacketType.Disconnect => EndPacket.Read(ref input, header.Type),
            _ => null,
        };
        if (answer is null && !input.Failed)
            input.Fail(MqttReasonCode.ProtocolError, $"{header.Type} before CONNACK (3.2.0-1)");
        return answer ?? throw NoMqtt(options, input.Error);
    }

    private static ConnectPacket ConnectFor(
        MqttClientOptions options, MqttSession session, string? method, ReadOnlyMemory<byte> authenticationData)
    {
        uint expiry = WireTime.Seconds(options.SessionExpiry);
        PropertySet properties = new PropertySet()
            .Add(PropertyId.SessionExpiry, expiry == 0 ? null : expiry)
            .Add(PropertyId.ReceiveMaximum, (uint)options.ReceiveMaximum)
            .Add(PropertyId.MaximumPacketSize, (uint)options.PacketBytesMax)
            .Add(PropertyId.TopicAliasMaximum, options.TopicAliasMaximum == 0 ? null : (uint)options.TopicAliasMaximum)
            .Add(PropertyId.RequestResponseInformation, options.RequestResponseInformation ? 1u : null)
            .Add(PropertyId.RequestProblemInformation, options.RequestProblemInformation ? null : 0u)
            .Add(options.UserProperties)
            .Add(PropertyId.AuthenticationMethod, method)
            .Add(PropertyId.AuthenticationData, authenticationData);
        return new ConnectPacket
        {
            ClientId = ClientIdFor(options, session),
            CleanStart = options.CleanStart && !session.WasConnected,
            KeepAliveSeconds = (ushort)WireTime.Seconds(options.KeepAlive),
            UserName = options.UserName,
            Password = options.Password,
            Will = options.Will,
            Properties = properties,
        };
    }

    private static string ClientIdFor(MqttClientOptions options, MqttSession session)
        => options.ClientId.Length > 0 ? options.ClientId : session.ClientId;

    private static void RequireAccepted(MqttClientOptions options, ConnectPacket connect, ConnackPacket connack)
    {
        PropertySet? properties = connack.Properties;
        if (connack.Code != MqttReasonCode.Success)
        {
            string text = properties?.Text(PropertyId.ReasonString) is { } reason ? $" The server says: {reason}" : "";
            throw new MqttException(
                MqttFailure.Refused, connack.Code, $"{ServerName(options)} refuses the connection: {connack.Code}.{text}")
            {
                ServerReference = properties?.Text(PropertyId.ServerReference),
                UserProperties = properties?.UserProperties() ?? [],
            };
        }

        if (connack.SessionPresent && connect.CleanStart)
            throw Bad(options, new PacketError(MqttReasonCode.ProtocolError, 2, "session present after a clean start (3.2.2-2)"));
    }

    private static MqttServerCapabilities CapabilitiesOf(ConnackPacket connack, MqttClientOptions options)
    {
        MqttServerCapabilities defaults = new();
        if (connack.Properties is not { } properties)
            return defaults with { KeepAlive = options.KeepAlive, SessionExpiry = options.SessionExpiry };
        bool Has(PropertyId id) => properties.Number(id) != 0;
        return new MqttServerCapabilities
        {
            MaximumQos = (MqttQos)(properties.Number(PropertyId.MaximumQos) ?? 2),
            Retain = Has(PropertyId.RetainAvailable),
            PacketBytesMax = properties.Number(PropertyId.MaximumPacketSize) ?? defaults.PacketBytesMax,
            ReceiveMaximum = (int)(properties.Number(PropertyId.ReceiveMaximum) ?? 65_535),
            TopicAliasMaximum = (int)(properties.Number(PropertyId.TopicAliasMaximum) ?? 0),
            WildcardSubscriptions = Has(PropertyId.WildcardSubscriptions),
            SubscriptionIdentifiers = Has(PropertyId.SubscriptionIdentifiers),
            SharedSubscriptions = Has(PropertyId.SharedSubscriptions),
            KeepAlive = properties.Number(PropertyId.ServerKeepAlive) is { } own
                ? TimeSpan.FromSeconds((double)own)
                : options.KeepAlive,
            SessionExpiry = properties.Number(PropertyId.SessionExpiry) is { } expiry
                ? WireTime.FromSeconds(expiry)
                : options.SessionExpiry,
            ResponseInformation = properties.Text(PropertyId.ResponseInformation),
            ReasonText = properties.Text(PropertyId.ReasonString),
            UserProperties = properties.UserProperties(),
        };
    }

    private static byte[] AuthPacket(MqttReasonCode code, string method, ReadOnlyMemory<byte> data)
        => new EndPacket(PacketType.Auth, code, new PropertySet()
            .Add(PropertyId.AuthenticationMethod, method)
            .Add(PropertyId.AuthenticationData, data)).Encode();

    private static string ServerName(MqttClientOptions options)
        => options.ConnectChannel is null ? $"{options.Address}" : "The server";

    private static MqttException Unreachable(MqttClientOptions options, Exception cause, bool timedOut)
    {
        string what = timedOut ? $"no answer within {options.ConnectTimeout}" : Innermost(cause);
        bool isTls = options.ConnectChannel is null && MqttAddress.IsTls(options.Address!);
        string remedy = cause switch
        {
            SocketException or _ when timedOut => " Check the address, and that packets get there.",
            WebSocketException => " Check the path, and that a WebSocket listener is there and no proxy in between.",
            AuthenticationException or IOException when what.Contains(" alert ", StringComparison.Ordinal) =>
                " It wants a client certificate, or does not take the one that it was shown: its log may say more.",
            AuthenticationException =>
                " Check the certificates and the authority on both sides, and that no login page or proxy answers there.",
            IOException when isTls => " It may not take the client certificate, or want one: its log may say more.",
            SocketException => " Check the address, and that the server runs.",
            _ => "",
        };
        return new MqttException(
            MqttFailure.Unreachable, MqttReasonCode.ServerUnavailable,
            $"{ServerName(options)} cannot be connected to: {what}.{remedy}", cause);
    }

    // The layers above say only that they failed. OpenSSL's own is "error:CODE:LIBRARY:FUNCTION:REASON".
    private static string Innermost(Exception cause)
    {
        while (cause.InnerException is { } inner)
            cause = inner;
        string message = cause.Message;
        if (message.StartsWith("error:", StringComparison.Ordinal))
            message = "TLS, " + message[(message.LastIndexOf(':') + 1)..];
        return message.TrimEnd('.');
    }

    private static MqttException NoMqtt(MqttClientOptions options, PacketError error) => new(
        MqttFailure.Unreachable, error.Code,
        $"{ServerName(options)} answers, but not as an MQTT 5 server ({error}). A proxy, a login page or another protocol "
        + "may be there: check address and port.");
}
