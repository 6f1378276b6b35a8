using AvSdk.Recording;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace AvSdk.Ingestion;

/// <summary>
/// Records through the agent's Unix socket. A message is kept in memory until the agent has made it durable
/// as its lane's contract says, so that neither the agent's end (even by <c>kill -9</c>) nor a new connection
/// loses or repeats one.
/// </summary>
/// <remarks>
/// Writing never waits: where the memory is full (<see cref="SocketRecorderOptions.MemoryBytesMax"/>),
/// messages are dropped, counted, and the agent is told. What this process has not handed over when it is
/// killed itself is lost. The ledger is this end's: accepted and dropped. Delivery is the agent's to tell
/// (<see cref="AgentStatus"/>). Safe for use from any number of threads.
/// </remarks>
public sealed class SocketRecorder : IRecorder
{
    private readonly string _path;
    private readonly SocketRecorderOptions _options;
    private readonly SocketSource _source;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline<AgentConnection> _connecting;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Guid _recordingId;
    private string _lastFailure = "";
    private Task _running = Task.CompletedTask;
    private bool _disposed;

    private SocketRecorder(string path, SocketRecorderOptions options)
    {
        _path = path;
        _options = options;
        _source = new SocketSource(options);
        _logger = options.LoggerFactory.CreateLogger<SocketRecorder>();
        _connecting = ConnectPipeline();
    }

    /// <summary>
    /// The recording that the agent was in when it was last connected to; another one after the agent was
    /// started again. Empty while there has been no connection.
    /// </summary>
    public Guid RecordingId
    {
        get
        {
            lock (_gate)
                return _recordingId;
        }
    }

    /// <inheritdoc/>
    public LedgerSummary Ledger => new(
        [.. _source.Channels.Select(static channel => channel.ToLedger())
            .OrderBy(static topic => topic.Topic, StringComparer.Ordinal)]);

    /// <summary>Messages accepted that are not durable in the agent yet.</summary>
    public ulong Undurable => _source.Ring.Undurable;

    /// <summary>Connects to the agent, and keeps the connection until it is disposed.</summary>
    /// <param name="address">For example <c>unix:/run/avagent/ingest.sock</c>.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="cancellationToken">Ends the connecting.</param>
    /// <exception cref="ArgumentException">The address, or the options: the message names each
    /// problem.</exception>
    /// <exception cref="RecorderException">
    /// No agent answered within <see cref="SocketRecorderOptions.ConnectTimeout"/>.
    /// </exception>
    public static async Task<SocketRecorder> ConnectAsync(
        string address, SocketRecorderOptions options, CancellationToken cancellationToken)
    {
        SocketRecorder recorder = Start(address, options);
        if (options.StartsWithoutAgent)
            return recorder;
        try
        {
            await recorder._welcomed.Task
                .WaitAsync(options.ConnectTimeout, options.TimeProvider, cancellationToken)
                .ConfigureAwait(false);
            return recorder;
        }
        catch (TimeoutException exception)
        {
            await recorder.StopAsync().ConfigureAwait(false);
            throw new RecorderException(
                $"{recorder._lastFailure} Waited {options.ConnectTimeout.TotalSeconds:0.#} s; "
                + "SocketRecorderOptions.StartsWithoutAgent records without waiting.",
                exception);
        }
        catch
        {
            await recorder.StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Begins to connect, and does not wait for it.</summary>
    internal static SocketRecorder Start(string address, SocketRecorderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<string> problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        SocketRecorder recorder = new(GatewayAddress.ParseUnixSocket(address), options);
        recorder._running = Task.Run(recorder.RunAsync, CancellationToken.None);
        return recorder;
    }

    /// <inheritdoc/>
    public RecordingChannel Channel(ChannelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentException.ThrowIfNullOrEmpty(spec.Topic);
        ObjectDisposedException.ThrowIf(_disposed, this);
        SocketChannel channel = _source.Channel(spec);
        _source.Wake();
        return channel;
    }

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _source.FlushAsync(cancellationToken);
    }

    /// <summary>
    /// As <see cref="IRecorder.Mark"/>; the agent is told, again after a lost connection until it answers. Accepted says
    /// that it will be told; what it refuses is logged as a warning.
    /// </summary>
    /// <exception cref="ArgumentException">The name, the window or the metadata cannot be.</exception>
    public MarkResult Mark(RecordingMark mark)
    {
        ArgumentNullException.ThrowIfNull(mark);
        if (mark.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(mark));
        if (_disposed)
            return MarkResult.RefusedStopped;
        if (mark.Id == Guid.Empty)
            mark = mark with { Id = Guid.CreateVersion7(_options.TimeProvider.GetUtcNow()) };
        if (!_source.Marks.TryAdd(mark))
            return MarkResult.RefusedTooMany;
        _source.Wake();
        return MarkResult.Accepted;
    }

    /// <summary>
    /// Takes no more messages, waits until those accepted are durable, at most
    /// <see cref="SocketRecorderOptions.StopTimeout"/>, and closes the connection. What is left then is lost,
    /// and logged as an error.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        _source.IsStopping = true;
        if (_source.Ring.Undurable > 0 || !_source.Marks.IsEmpty)
            await FlushWithinStopTimeoutAsync().ConfigureAwait(false);
        await StopAsync().ConfigureAwait(false);
    }

    private async Task FlushWithinStopTimeoutAsync()
    {
        using CancellationTokenSource timeout = new(_options.StopTimeout, _options.TimeProvider);
        try
        {
            await _source.FlushAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or RecorderException)
        {
            string reason = exception is RecorderException ? exception.Message : _lastFailure;
            IngestLog.StoppedBeforeDurable(_logger, _source.Ring.Undurable, _options.StopTimeout, reason);
        }
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _source.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
                await ConnectAndServeAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task ConnectAndServeAsync()
    {
        try
        {
            using AgentConnection connection =
                await _connecting.ExecuteAsync(ConnectOnceAsync, _stopping.Token).ConfigureAwait(false);
            await connection.ServeAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (AgentException exception)
        {
            _lastFailure = exception.Message;
            IngestLog.AgentLost(_logger, _path, _source.Ring.Undurable, exception.Message);
            await PauseAsync(exception.IsRefusal ? _options.RetryDelayMax : _options.RetryDelay)
                .ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A bug met on one connection must not end the recording; it is logged whole.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            _lastFailure = exception.Message;
            IngestLog.AgentConnectionFailed(_logger, _path, exception);
            await PauseAsync(_options.RetryDelayMax).ConfigureAwait(false);
        }
    }

    private Task PauseAsync(TimeSpan delay) => Task.Delay(delay, _options.TimeProvider, _stopping.Token);

    private async ValueTask<AgentConnection> ConnectOnceAsync(CancellationToken cancellationToken)
    {
        AgentConnection connection = await AgentConnection.ConnectAsync(
            _path, _source, _options.Software, _logger, cancellationToken).ConfigureAwait(false);
        lock (_gate)
            _recordingId = connection.RecordingId;
        if (!_welcomed.TrySetResult())
            AvSdkTelemetry.ClientReconnects.Add(1);
        return connection;
    }

    private ResiliencePipeline<AgentConnection> ConnectPipeline() =>
        new ResiliencePipelineBuilder<AgentConnection> { TimeProvider = _options.TimeProvider }
            .AddRetry(new RetryStrategyOptions<AgentConnection>
            {
                ShouldHandle = static outcome =>
                    ValueTask.FromResult(outcome.Outcome.Exception is AgentException),
                MaxRetryAttempts = int.MaxValue,
                Delay = _options.RetryDelay,
                MaxDelay = _options.RetryDelayMax,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                OnRetry = retry =>
                {
                    _lastFailure = retry.Outcome.Exception?.Message ?? "";
                    if (retry.AttemptNumber == 0)
                        IngestLog.AgentNotThere(_logger, _path, _lastFailure);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
}
