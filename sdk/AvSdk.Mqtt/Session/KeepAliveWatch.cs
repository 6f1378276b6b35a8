namespace AvSdk.Mqtt.Session;

/// <summary>What the watch asks for.</summary>
internal enum KeepAliveStep
{
    None,
    Ping,

    /// <summary>The link is dead.</summary>
    Dead,
}

/// <summary>
/// Keeps a connection alive, and finds out that it is not (MQTT 5, sections 3.1.2.10 and 3.12). Knows no timer: it
/// is asked.
/// </summary>
/// <remarks>
/// A ping goes out before the keep-alive passes without a packet sent, and as soon as the server is silent for the
/// ping timeout while something is to be answered. After a ping, anything received and any piece that the network
/// took puts off the end; without either for the ping timeout the link is dead.
/// </remarks>
internal sealed class KeepAliveWatch(TimeSpan keepAlive, TimeSpan pingTimeout, TimeSpan now)
{
    private TimeSpan _lastSent = now;
    private TimeSpan _lastSign = now;
    private TimeSpan? _pinged;

    /// <summary>How often to ask.</summary>
    public TimeSpan Interval
    {
        get
        {
            TimeSpan shortest = keepAlive > TimeSpan.Zero && keepAlive < pingTimeout ? keepAlive : pingTimeout;
            return shortest / 4;
        }
    }

    public void Sent(TimeSpan now) => _lastSent = _lastSign = now;

    public void Received(TimeSpan now) => _lastSign = now;

    public void Answered() => _pinged = null;

    /// <summary>Says what to do; after <see cref="KeepAliveStep.Ping"/> a ping counts as on its way.</summary>
    public KeepAliveStep Check(TimeSpan now, bool awaitsAnswer)
    {
        if (_pinged is { } pinged)
        {
            TimeSpan since = pinged > _lastSign ? pinged : _lastSign;
            return now - since >= pingTimeout ? KeepAliveStep.Dead : KeepAliveStep.None;
        }

        bool isDue = keepAlive > TimeSpan.Zero && now - _lastSent >= keepAlive * 0.7;
        if (!isDue && !(awaitsAnswer && now - _lastSign >= pingTimeout))
            return KeepAliveStep.None;
        _pinged = now;
        return KeepAliveStep.Ping;
    }
}
