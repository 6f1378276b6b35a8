using System.Net.Sockets;
using System.Text;

namespace AvSdk.Agent.Systemd;

/// <summary>
/// Tells the service manager how the agent is, as sd_notify(3) describes: datagrams of <c>KEY=value</c> lines
/// to the Unix socket that <c>NOTIFY_SOCKET</c> names (a path, or after <c>@</c> an abstract name). Without
/// the variable it does nothing.
/// </summary>
internal sealed class ServiceNotifier : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _manager;

    private ServiceNotifier(string? address)
    {
        if (string.IsNullOrEmpty(address) || address[0] is not ('/' or '@'))
            return;
        _manager = new UnixDomainSocketEndPoint(address[0] == '@' ? "\0" + address[1..] : address);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
        {
            Blocking = false,
        };
    }

    public static ServiceNotifier FromEnvironment()
    {
        try
        {
            return new ServiceNotifier(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));
        }
        catch (ArgumentException)
        {
            // Longer than a socket's path can be: no manager made it.
            return new ServiceNotifier(null);
        }
    }

    /// <summary>Recording has begun.</summary>
    public bool Ready(string status) => Send($"READY=1\nSTATUS={OneLine(status)}");

    public bool Stopping(string status) => Send($"STOPPING=1\nSTATUS={OneLine(status)}");

    /// <summary>All is well: the next is due within <c>WATCHDOG_USEC</c>.</summary>
    public bool Alive() => Send("WATCHDOG=1");

    /// <summary>A one-line state for <c>systemctl status</c>.</summary>
    public bool Status(string status) => Send($"STATUS={OneLine(status)}");

    public void Dispose() => _socket?.Dispose();

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    // The manager's queue may be full, or the manager gone: recording goes on whatever becomes of the word.
    private bool Send(string state)
    {
        if (_socket is null)
            return false;
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(state), _manager!);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
