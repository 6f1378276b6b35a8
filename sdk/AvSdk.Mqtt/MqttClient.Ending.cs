using AvSdk.Mqtt.Packets;

namespace AvSdk.Mqtt;

// What this end says beside messages: authentication anew, and goodbye.
public sealed partial class MqttClient
{
    private MqttAuthenticator? _authenticator;
    private TaskCompletionSource? _authentication;

    /// <summary>Authenticates anew on this connection, with an exchange of the options' (MQTT 5, section 4.12.1).</summary>
    /// <exception cref="InvalidOperationException">The options have no authenticator, or an exchange is under way.</exception>
    /// <exception cref="MqttException">The connection ended, as it does when either end is not content.</exception>
    public async Task ReauthenticateAsync(CancellationToken cancellationToken = default)
    {
        MqttAuthenticator authenticator = _options.Authenticator?.Invoke()
            ?? throw new InvalidOperationException("There is nothing to authenticate with: set MqttClientOptions.Authenticator.");
        ReadOnlyMemory<byte> data = await Authenticating(() => authenticator.StartAsync(cancellationToken)).ConfigureAwait(false);
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_session.Gate)
        {
            if (_failure is { } failure)
                throw Again(failure);
            if (_authentication is { Task.IsCompleted: false })
                throw new InvalidOperationException("An authentication is under way: await it first.");
            _authenticator = authenticator;
            _authentication = done;
            _session.Core.Send(AuthPacket(MqttReasonCode.Reauthenticate, authenticator.Method, data));
        }

        _session.Output.Set();
        await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Says goodbye: what is queued before it is written, then a DISCONNECT; ends when the connection has. Publications that
    /// the server has not answered by then end as the session says.
    /// </summary>
    /// <param name="options">Null: a normal end; the server discards the will.</param>
    /// <param name="cancellationToken">Cuts the connection instead; the server may publish the will then.</param>
    public async Task DisconnectAsync(MqttDisconnectOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MqttDisconnectOptions();
        byte[] packet = new EndPacket(PacketType.Disconnect, options.ReasonCode, new PropertySet()
            .Add(PropertyId.SessionExpiry, options.SessionExpiry is { } expiry ? WireTime.Seconds(expiry) : null)
            .Add(PropertyId.ReasonString, options.ReasonText)
            .Add(options.UserProperties)).Encode();
        lock (_session.Gate)
        {
            _failure ??= new MqttException(MqttFailure.ClosedByCaller, options.ReasonCode, "This end closed the connection.");
            _session.Core.SendDisconnect(packet, now: false);
        }

        _session.Output.Set();
        await WaitForEndAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Cuts the connection without a word, as a dead link would: the server publishes the will. Ends when the connection has.
    /// </summary>
    public Task AbortAsync()
    {
        Fail(new MqttException(MqttFailure.ClosedByCaller, MqttReasonCode.Unspecified, "This end cut the connection."));
        return Closed;
    }

    /// <summary>A normal <see cref="DisconnectAsync"/>, cut off after the ping timeout; nothing if it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource timeout = new(_options.PingTimeout, _options.TimeProvider);
        await DisconnectAsync(null, timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        CancellationTokenRegistration cut = cancellationToken.UnsafeRegister(
            static client => _ = ((MqttClient)client!).AbortAsync(), this);
        await using (cut.ConfigureAwait(false))
            await Closed.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    // AUTH of the server's: the next step of our exchange, or its end.
    private async Task AnswerAsync(EndPacket auth)
    {
        ReadOnlyMemory<byte> data = auth.Properties?.Data(PropertyId.AuthenticationData) ?? default;
        if (_authenticator is not { } authenticator || auth.Code == MqttReasonCode.Reauthenticate)
            throw Bad(_options, new PacketError(MqttReasonCode.ProtocolError, 0, "AUTH that was not asked for (4.12.1)"));
        if (auth.Code == MqttReasonCode.Success)
        {
            await Authenticating(() => authenticator.FinishAsync(data, _ending.Token)).ConfigureAwait(false);
            _authenticator = null;
            _authentication!.TrySetResult();
            return;
        }

        ReadOnlyMemory<byte> reply =
            await Authenticating(() => authenticator.ContinueAsync(data, _ending.Token)).ConfigureAwait(false);
        lock (_session.Gate)
            _session.Core.Send(AuthPacket(MqttReasonCode.ContinueAuthentication, authenticator.Method, reply));
        _session.Output.Set();
    }

    private static async ValueTask<T> Authenticating<T>(Func<ValueTask<T>> step)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or MqttException))
        {
            throw NotAuthenticated(e);
        }
    }

    private static async ValueTask Authenticating(Func<ValueTask> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or MqttException))
        {
            throw NotAuthenticated(e);
        }
    }

    private static MqttException NotAuthenticated(Exception cause) => new(
        MqttFailure.AuthenticationFailed, MqttReasonCode.NotAuthorized, $"The authentication failed: {cause.Message}", cause);
}
