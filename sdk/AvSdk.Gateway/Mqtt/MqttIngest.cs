using System.Text;
using AvSdk.Contracts.Identity;
using AvSdk.Mqtt;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Mqtt;

/// <summary>Keeps a gateway connected to its broker for as long as it lives.</summary>
internal sealed class MqttIngest : IAsyncDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(15);

    private readonly MqttIngestPorts _ports;
    private readonly GatewayMqttOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IdentityFiles? _files;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private int _isDisposed;
    private volatile string? _problem = "The broker has not been connected to yet.";

    public MqttIngest(MqttIngestPorts ports, GatewayMqttOptions options, TimeProvider time, ILogger logger)
    {
        (_ports, _options, _time, _logger) = (ports, options, time, logger);
        if (options.IsTls)
        {
            _files = IdentityFiles.Open(options.ToNames(), time, null, out _)
                ?? throw new GatewayOptionsException([.. options.Validate(time)]);
        }
    }

    /// <summary>Why there is no connection now; null: there is one.</summary>
    public string? Problem => _problem;

    public void Start() => _running = RunAsync(_stopping.Token);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        TimeSpan delay = FirstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            long begun = _time.GetTimestamp();
            try
            {
                MqttGatewayLink link = await MqttGatewayLink.ConnectAsync(
                    _ports, _options, ToClient(), _time, _logger, cancellationToken).ConfigureAwait(false);
                await using (link.ConfigureAwait(false))
                {
                    _problem = null;
                    MqttIngestLog.Connected(_logger, _options.Address, _options.NameInForce, _options.Group);
                    await link.RunAsync(cancellationToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it was: vehicles over gRPC go on, and those over the broker get another chance.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                bool isTakenOver = failure is MqttException { ReasonCode: MqttReasonCode.SessionTakenOver };
                _problem = isTakenOver ? TakenOver(failure) : failure.Message;

                // A connection that stood for a while was one; gateways that share a name end each other's at once.
                delay = isTakenOver ? DelayMax : _time.GetElapsedTime(begun) > DelayMax ? FirstDelay : delay;
                TimeSpan wait = delay * (0.5 + (_options.RandomBytes(1)[0] / 512.0));
                MqttIngestLog.NotConnected(_logger, _options.Address, wait, _problem);
                await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = delay * 2 < DelayMax ? delay * 2 : DelayMax;
            }
        }
    }

    private string TakenOver(Exception failure) =>
        $"{failure.Message} Another gateway has connected to it as {_options.NameInForce}: give each a name of its own "
        + "(--mqtt-name).";

    private MqttClientOptions ToClient()
    {
        Uri address = new(_options.Address);
        foreach (IdentityFileChange change in _files?.Refresh() ?? [])
            MqttIngestLog.IdentityChanged(_logger, change.Problem?.ToString() ?? change.What);
        return new MqttClientOptions
        {
            Address = address,
            ConnectChannel = _options.ConnectChannel,
            UserName = _options.UserName,
            Password = _options.PasswordFile is { } file
                ? Encoding.UTF8.GetBytes(File.ReadLines(file).FirstOrDefault() ?? "")
                : null,
            Tls = _files is null
                ? null
                : IdentityTls.ForClient(_files.Current, _options.ServerName ?? address.IdnHost, _time),
        };
    }
}
