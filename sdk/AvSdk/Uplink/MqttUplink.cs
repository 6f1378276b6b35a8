using System.Net;
using System.Net.Sockets;
using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.V1;
using AvSdk.Mqtt;
using AvSdk.Recording;
using AvSdk.Recording.Live;
using AvSdk.Recording.Uplink;
using Microsoft.Extensions.Logging;

namespace AvSdk.Uplink;

/// <summary>
/// The way to a gateway over an MQTT 5 broker: the streams of <c>av.v1.Ingest/Upload</c>, carried by publications as
/// <c>protos/av/v1/mqtt.md</c> says.
/// </summary>
/// <remarks>
/// The connection to the broker is made with the first session and stays when the session ends, so that the vehicle is
/// there for others too; when it is lost, or credentials from files were replaced, the next session makes
/// another. Dispose it after the recorder: the vehicle is
/// then said to be gone. Safe for threads.
/// </remarks>
public sealed class MqttUplink : ILinkedUplink, ILiveLink, IAsyncDisposable
{
    private readonly Uri _address;
    private readonly MqttUplinkOptions _options;
    private readonly AvCredentials? _credentials;
    private readonly ILogger _logger;
    private readonly SharedNameWatch _names;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private MqttLink? _link;
    private bool _isDisposed;

    private const string Kept = "What was to be sent stays in the spool.";

    /// <summary>An uplink over the broker at an address; touches no network yet.</summary>
    /// <param name="address"><c>mqtt://host[:1883]</c>, <c>mqtts://host[:8883]</c>, <c>ws://</c> or
    /// <c>wss://host/path</c>.</param>
    /// <param name="options">At least with the vehicle's name.</param>
    /// <exception cref="ArgumentException">No address of a broker, credentials for one without TLS, or options with
    /// problems: all are named.</exception>
    public MqttUplink(string address, MqttUplinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        Name = $"mqtt {address}";
        _options = options;
        _logger = options.LoggerFactory.CreateLogger<MqttUplink>();
        _names = new SharedNameWatch(options.TimeProvider);
        List<string> problems = [.. options.Validate()];
        if (Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
            problems.AddRange(options.ToClient(uri).Validate());
        else
            problems.Add($"'{address}' is no address of a broker: write mqtt://host:port or mqtts://host:port.");
        bool isTls = uri?.Scheme is "mqtts" or "wss";
        if (options.Credentials is not null && !isTls)
            problems.Add($"Credentials are shown over TLS alone, and {address} has none: write mqtts://.");
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        _address = uri!;
        _credentials = isTls ? options.Credentials ?? AvCredentials.None : null;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async ValueTask<IUplinkSession> ConnectAsync(CancellationToken cancellationToken)
    {
        MqttLink link = await LinkAsync(cancellationToken).ConfigureAwait(false);
        return new MqttUplinkSession(link, _options);
    }

    /// <summary>Connects over a link: with a connection to the broker of its own, which ends with the session.</summary>
    /// <inheritdoc/>
    public async ValueTask<IUplinkSession> ConnectAsync(
        LinkOptions link, IPAddress? from, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        // Nothing goes beside the link.
        await CloseLinkAsync(isLast: false).ConfigureAwait(false);
        MqttUplinkOptions options = _options with
        {
            ConnectSocket = (host, port, token) => LinkSocket.ConnectAsync(host, port, link, from, token),
        };
        Uri address = link.Gateway is { } gateway ? new Uri(gateway) : _address;
        MqttLink connection = await ConnectAsync(address, options, cancellationToken).ConfigureAwait(false);
        return new LinkedMqttSession(new MqttUplinkSession(connection, options), connection);
    }

    /// <inheritdoc/>
    public long BytesOf(LiveSample sample) => Volatile.Read(ref _link)?.Live.BytesOf(sample) ?? 0;

    /// <inheritdoc/>
    /// <remarks>QoS 0, retained: what a broker loses or a link is too slow for is gone.</remarks>
    public ValueTask<bool> PublishAsync(LiveSample sample, CancellationToken cancellationToken) =>
        Volatile.Read(ref _link)?.PublishAsync(sample, cancellationToken) ?? ValueTask.FromResult(false);

    /// <summary>Says that the vehicle is gone, and closes the connection.</summary>
    public ValueTask DisposeAsync() => CloseLinkAsync(isLast: true);

    private async ValueTask CloseLinkAsync(bool isLast)
    {
        await _connecting.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            _isDisposed |= isLast;
            if (_link is { } link)
                await link.DisposeAsync().ConfigureAwait(false);
            _link = null;
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>What ended a stream, for the recorder.</summary>
    internal static UplinkException Failure(CarrierException exception)
    {
        if (IsTakenOver(exception))
            return new UplinkException($"{exception.Message} {Kept}", isTransient: false, exception);
        bool isTransient = exception.Kind is not (StreamEnd.Types.Kind.BadMessage or StreamEnd.Types.Kind.NotAllowed);
        return Failure(exception.Message, isTransient, exception, exception.RetryAfter);
    }

    private static UplinkException Failure(string what, bool isTransient, Exception cause, TimeSpan? retryAfter = null)
    {
        string remedy = isTransient
            ? "What was to be sent stays in the spool and goes when the link is back."
            : "Trying again does not help: check the vehicle's name, its identity at the broker, and that gateway and "
            + $"vehicle run fitting versions. {Kept}";
        return new UplinkException($"{what} {remedy}", isTransient, cause) { RetryAfter = retryAfter };
    }

    private static bool IsTakenOver(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is MqttException { ReasonCode: MqttReasonCode.SessionTakenOver })
                return true;
        }

        return false;
    }

    private async Task<MqttLink> ConnectAsync(Uri address, MqttUplinkOptions options, CancellationToken cancellationToken)
    {
        // Who reads it knows which uplink it is, and so its address; a link may have another.
        string? known = address == _address ? $"{address}" : null;
        try
        {
            return await MqttLink.ConnectAsync(
                address, options, _credentials, _names, known, Name, _logger, cancellationToken).ConfigureAwait(false);
        }
        catch (MqttException failure)
        {
            bool isConnecting = failure.Failure == MqttFailure.Unreachable && failure.InnerException is not SocketException;
            bool isTransient;
            if (_credentials is not null
                && TlsFailure.Explain(failure, isConnecting, "The broker", _credentials.Describe(), out isTransient) is { } what)
            {
                throw new UplinkException($"{what} {Kept}", isTransient, failure);
            }

            throw Failure(MqttLink.Plain(failure.Message, known), failure.IsTransient, failure);
        }
    }

    private async Task<MqttLink> LinkAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_link is { HasEnded: false } there && ReferenceEquals(there.Identity, _credentials?.Latest(_logger)))
                return there;

            // Or its certificate was replaced since.
            if (_link is { } old)
                await old.DisposeAsync().ConfigureAwait(false);
            _link = null;
            return _link = await ConnectAsync(_address, _options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }
}
