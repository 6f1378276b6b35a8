using System.Net;
using System.Net.Sockets;
using System.Text;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;

namespace AvSdk.Uplink;

/// <summary>Sockets that go over a link: from its interface or address, with its code point.</summary>
internal static class LinkSocket
{
    // Linux: socket(7), ip(7), ipv6(7).
    private const int SocketLevel = 1;
    private const int BindToDevice = 25;
    private const int IPLevel = 0;
    private const int TypeOfService = 1;
    private const int IPv6Level = 41;
    private const int TrafficClass = 67;
    private const int PermissionDenied = 1;

    /// <summary>
    /// Connects to a host. On an interface from Linux 5.7 on without a privilege; before that with CAP_NET_RAW.
    /// </summary>
    /// <exception cref="UplinkException">The socket cannot be bound so.</exception>
    /// <exception cref="SocketException">The host is not there.</exception>
    public static async ValueTask<Socket> ConnectAsync(
        string host, int port, LinkOptions link, IPAddress? from, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, from?.AddressFamily ?? AddressFamily.Unspecified, cancellationToken)
                .ConfigureAwait(false);
        SocketException? last = null;
        foreach (IPAddress address in addresses)
        {
            // One for each address: .NET 9 tries no second one, nor a name, with a socket that has raw options.
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.NoDelay = true;
                Prepare(socket, link, from);
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
                return socket;
            }
            catch (SocketException refused)
            {
                socket.Dispose();
                last = refused;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    internal static void Prepare(Socket socket, LinkOptions link, IPAddress? from)
    {
        try
        {
            if (link.Interface is { } name && OperatingSystem.IsLinux())
                socket.SetRawSocketOption(SocketLevel, BindToDevice, Encoding.ASCII.GetBytes(name + '\0'));
            if (from is not null)
                socket.Bind(new IPEndPoint(from, 0));
            if (link.Dscp is { } dscp && OperatingSystem.IsLinux())
                SetCodePoint(socket, dscp);
        }
        catch (SocketException refused)
        {
            string remedy = refused.NativeErrorCode == PermissionDenied
                ? " Binding to an interface needs Linux 5.7, or CAP_NET_RAW: give that, or name the link by its address."
                : "";
            throw new UplinkException(
                $"link {link.Name}: a connection cannot be bound to {link.Interface ?? from?.ToString() ?? "it"}: "
                + $"{refused.Message.TrimEnd('.')}.{remedy}", refused);
        }
    }

    // The upper six bits of the field (RFC 2474, section 3). A socket of both kinds has both fields.
    private static void SetCodePoint(Socket socket, int dscp)
    {
        byte[] field = BitConverter.GetBytes(dscp << 2);
        socket.SetRawSocketOption(IPLevel, TypeOfService, field);
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
            socket.SetRawSocketOption(IPv6Level, TrafficClass, field);
    }
}
