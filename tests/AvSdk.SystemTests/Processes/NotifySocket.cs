using System.Net.Sockets;
using System.Text;

namespace AvSdk.SystemTests.Processes;

/// <summary>The service manager's end of sd_notify(3).</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[4096];

    /// <param name="address">A path, or after <c>@</c> an abstract name.</param>
    public NotifySocket(string address)
    {
        Address = address;
        _socket.Bind(new UnixDomainSocketEndPoint(address[0] == '@' ? "\0" + address[1..] : address));
    }

    public string Address { get; }

    /// <summary>The next datagram that has <paramref name="line"/> among its lines.</summary>
    public async Task<string> ReceiveAsync(string line)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadlines.Step);
        while (true)
        {
            int bytes = await _socket.ReceiveAsync(_buffer, deadline.Token);
            string state = Encoding.UTF8.GetString(_buffer, 0, bytes);
            if (state.Split('\n').Contains(line))
                return state;
        }
    }

    public void Dispose() => _socket.Dispose();
}
