using System.Net.Sockets;
using AvSdk.Recording;
using Microsoft.Extensions.Logging;

namespace AvSdk.Ingestion;

/// <summary>
/// The agent's Unix socket: takes a plain MCAP record stream as any MCAP writer makes it, and SDK clients,
/// which add the private records of <see cref="IngestOpcode"/>. Many connections at a time.
/// </summary>
/// <remarks>
/// A plain stream is <c>magic, Header, Schema, Channel, Message, …</c>, its messages in chunks (LZ4,
/// Zstandard or plain) or not; a whole file is one. The lane is the channel's metadata
/// <see cref="IngestMetadata.Lane"/>, else what the recorder's lane rules say. A bad stream is closed with an
/// <see cref="IngestOpcode.Error"/> record and a log entry that say where and what to do; what was accepted
/// stays. Start it once; dispose it before the recorder.
/// </remarks>
public sealed class IngestSocketServer : IAsyncDisposable
{
    private readonly LocalRecorder _recorder;
    private readonly IngestSocketOptions _options;
    private readonly ILogger _logger;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly SourceOwners _owners = new();
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _connections = [];
    private Task _accepting = Task.CompletedTask;
    private long _connectionsSoFar;
    private bool _disposed;

    private IngestSocketServer(LocalRecorder recorder, IngestSocketOptions options)
    {
        _recorder = recorder;
        _options = options;
        _logger = options.LoggerFactory.CreateLogger<IngestSocketServer>();
    }

    /// <summary>Connections there are now.</summary>
    public int Connections
    {
        get
        {
            lock (_gate)
                return _connections.Count;
        }
    }

    /// <summary>Listens; when this returns, clients can connect.</summary>
    /// <param name="recorder">Where messages go; stays the caller's to dispose, after the server.</param>
    /// <param name="options">How it behaves.</param>
    /// <exception cref="ArgumentException">The options: the message names each problem.</exception>
    /// <exception cref="RecorderException">It cannot listen there; the message says why and what to
    /// do.</exception>
    public static IngestSocketServer Start(LocalRecorder recorder, IngestSocketOptions options)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<string> problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        IngestSocketServer server = new(recorder, options);
        try
        {
            server.Listen();
        }
        catch
        {
            server._listener.Dispose();
            throw;
        }

        server._accepting = Task.Run(server.AcceptAsync, CancellationToken.None);
        return server;
    }

    /// <summary>
    /// Accepts no more connections, takes what clients have handed to the kernel, at most
    /// <see cref="IngestSocketOptions.DrainTimeout"/>, and closes.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _draining.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _listener.Dispose();
        File.Delete(_options.SocketPath);
        Task[] connections;
        lock (_gate)
            connections = [.. _connections];
        Task timeout = Task.Delay(_options.DrainTimeout, _options.TimeProvider, CancellationToken.None);
        await Task.WhenAny(Task.WhenAll(connections), timeout).ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(connections).ConfigureAwait(false);
        _draining.Dispose();
        _stopping.Dispose();
    }

    private void Listen()
    {
        string path = _options.SocketPath;
        try
        {
            RemoveLeftOver(path);
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, _options.SocketMode);
            _listener.Listen(_options.ConnectionsMax);
        }
        catch (Exception exception)
            when (exception is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new RecorderException(
                $"Cannot listen at {path}: {exception.Message}. Its folder must exist and be writable for "
                + "this user (systemd: RuntimeDirectory=avagent), and no other agent may run there.",
                exception);
        }

        IngestLog.Listening(_logger, path);
    }

    // What a killed agent left: nobody answers there. A living one is left alone.
    private static void RemoveLeftOver(string path)
    {
        if (!File.Exists(path))
            return;
        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new IOException("another process listens there");
    }

    private async Task AcceptAsync()
    {
        while (!_draining.IsCancellationRequested)
        {
            Socket? socket = null;
            try
            {
                socket = await _listener.AcceptAsync(_draining.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException exception)
            {
                IngestLog.AcceptFailed(_logger, _options.SocketPath, exception.Message);
                await PauseAsync().ConfigureAwait(false);
            }

            if (socket is not null)
                Serve(socket);
        }
    }

    // Out of file descriptors, for example: trying again at once would only burn the processor.
    private async Task PauseAsync()
    {
        Task pause = Task.Delay(TimeSpan.FromMilliseconds(100), _options.TimeProvider, _draining.Token);
        await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Serve(Socket socket)
    {
        lock (_gate)
        {
            if (_connections.Count >= _options.ConnectionsMax)
            {
                IngestLog.TooManyConnections(_logger, _options.SocketPath, _connections.Count);
                socket.Dispose();
                return;
            }

            IngestConnection connection = new(
                ++_connectionsSoFar, socket, _recorder, _options, _owners, _logger);
            Task serving = Task.Run(() => ServeAsync(connection), CancellationToken.None);
            _connections.Add(serving);
            _ = serving.ContinueWith(
                Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    private void Forget(Task serving)
    {
        lock (_gate)
            _connections.Remove(serving);
    }

    private async Task ServeAsync(IngestConnection connection)
    {
        AvSdkTelemetry.SocketConnections.Add(1);
        try
        {
            using (connection)
                await connection.RunAsync(_draining.Token, _stopping.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A bug met by one connection must not end the others; it is logged whole.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            IngestLog.ConnectionFailed(_logger, connection.Id, _options.SocketPath, exception);
        }
        finally
        {
            AvSdkTelemetry.SocketConnections.Add(-1);
        }
    }
}
