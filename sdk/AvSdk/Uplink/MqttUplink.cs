using System.Net;
using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.Identity;
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
/// there for others too; when it is lost, the next session makes another. Dispose it after the recorder: the vehicle is
/// then said to be gone. Safe for threads.
/// </remarks>
public sealed class MqttUplink : ILinkedUplink, ILiveLink, IAsyncDisposable
{
    private readonly Uri _address;
    private readonly MqttUplinkOptions _options;
    private readonly AvCredentials? _credentials;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private MqttLink? _link;
    private bool _isDisposed;

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
        return new MqttUplinkSession(link, _options, Name);
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
        MqttLink connection = await MqttLink.ConnectAsync(address, options, _credentials, Name, _logger, cancellationToken)
            .ConfigureAwait(false);
        return new LinkedMqttSession(new MqttUplinkSession(connection, options, Name), connection);
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

    internal static UplinkException Failure(string name, MqttException exception)
    {
        bool isTransient = exception.IsTransient;
        string what = CertificateRefusedException.Behind(exception) is { } refused ? refused.Message : exception.Message;
        if (!ReferenceEquals(what, exception.Message))
            isTransient = false;
        return Failure(name, what, isTransient, exception);
    }

    internal static UplinkException Failure(string name, CarrierException exception) => Failure(
        name, exception.Message,
        exception.Kind is not (StreamEnd.Types.Kind.BadMessage or StreamEnd.Types.Kind.NotAllowed), exception,
        exception.RetryAfter);

    private static UplinkException Failure(
        string name, string what, bool isTransient, Exception cause, TimeSpan? retryAfter = null)
    {
        string remedy = isTransient
            ? "What was to be sent stays in the spool and goes when the link is back."
            : "Trying again does not help: check the vehicle's name, its identity at the broker, and that gateway and "
            + "vehicle run fitting versions. What was to be sent stays in the spool.";
        return new UplinkException($"{name}: {what} {remedy}", isTransient, cause) { RetryAfter = retryAfter };
    }

    private async Task<MqttLink> LinkAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_link is { HasEnded: false } there)
                return there;
            if (_link is { } ended)
                await ended.DisposeAsync().ConfigureAwait(false);
            _link = null;
            return _link = await MqttLink.ConnectAsync(_address, _options, _credentials, Name, _logger, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }
}
