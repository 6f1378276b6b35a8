using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// A link in user space, on loopback: counts what goes through, and lets no more of it through than it is told to. It
/// takes from the sender only what it passes on, so what waits does so in the sender's own buffers.
/// </summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private const int SocketBytes = 16 << 10;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _pumps = [];
    private readonly int _port;
    private readonly int _bytesPerSecond;
    private readonly Task _accepting;
    private long _up;
    private long _down;

    /// <param name="port">Where it leads, on loopback.</param>
    /// <param name="bytesPerSecond">Of the way up; 0: no limit.</param>
    /// <param name="address">Where it listens; null: on loopback.</param>
    public CountingProxy(int port, int bytesPerSecond = 0, IPAddress? address = null)
    {
        (_port, _bytesPerSecond) = (port, bytesPerSecond);
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        if (bytesPerSecond > 0)
            _listener.Server.ReceiveBufferSize = SocketBytes;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes from the vehicle.</summary>
    public long Up => Interlocked.Read(ref _up);

    /// <summary>Bytes to the vehicle.</summary>
    public long Down => Interlocked.Read(ref _down);

    /// <summary>Told the bytes that go up, before they do, and how many went before.</summary>
    public Action<ReadOnlyMemory<byte>, long>? Seen { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_pumps).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient near = await _listener.AcceptTcpClientAsync(_stopping.Token);
            TcpClient far = new() { NoDelay = true };
            near.NoDelay = true;
            await far.ConnectAsync(IPAddress.Loopback, _port, _stopping.Token);
            _pumps.Add(PumpAsync(near, far));
        }
    }

    private async Task PumpAsync(TcpClient near, TcpClient far)
    {
        using (near)
        using (far)
        {
            Task up = UpAsync(near.GetStream(), far.GetStream());
            Task down = DownAsync(far.GetStream(), near.GetStream());
            await Task.WhenAny(up, down);
        }
    }

    private async Task UpAsync(NetworkStream from, NetworkStream to)
    {
        byte[] buffer = new byte[_bytesPerSecond > 0 ? SocketBytes / 2 : 256 << 10];
        double freeAt = 0;
        while (await from.ReadAsync(buffer, _stopping.Token) is > 0 and int bytes)
        {
            if (_bytesPerSecond > 0)
            {
                // The wire is busy for as long as the bytes take; what was not used before is lost.
                freeAt = Math.Max(freeAt, Now) + ((double)bytes / _bytesPerSecond);
                if (freeAt - Now > 0.002)
                    await Task.Delay(TimeSpan.FromSeconds(freeAt - Now), _stopping.Token);
            }

            Seen?.Invoke(buffer.AsMemory(0, bytes), Up);
            Interlocked.Add(ref _up, bytes);
            await to.WriteAsync(buffer.AsMemory(0, bytes), _stopping.Token);
        }
    }

    private async Task DownAsync(NetworkStream from, NetworkStream to)
    {
        byte[] buffer = new byte[64 << 10];
        while (await from.ReadAsync(buffer, _stopping.Token) is > 0 and int bytes)
        {
            Interlocked.Add(ref _down, bytes);
            await to.WriteAsync(buffer.AsMemory(0, bytes), _stopping.Token);
        }
    }

    private static double Now => Stopwatch.GetElapsedTime(0).TotalSeconds;
}
