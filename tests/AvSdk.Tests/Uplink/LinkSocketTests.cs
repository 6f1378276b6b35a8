using System.Net;
using System.Net.Sockets;
using System.Text;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using AvSdk.Uplink;

namespace AvSdk.Tests.Uplink;

/// <summary>What the kernel says of sockets that go over a link.</summary>
public sealed class LinkSocketTests
{
    private static readonly LinkOptions Link = new() { Name = "test" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_socket_is_bound_to_the_interface_and_its_packets_have_the_code_point()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sockets are bound to interfaces on Linux.");
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using Socket socket = await LinkSocket.ConnectAsync(
            "127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, Link with { Interface = "lo", Dscp = 46 }, null, Ct);

        byte[] name = new byte[16];
        int length = socket.GetRawSocketOption(1, 25, name);
        Assert.Equal("lo", Encoding.ASCII.GetString(name, 0, length).TrimEnd('\0'));
        Assert.Equal(46 << 2, Field(socket, 0, 1));
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
            Assert.Equal(46 << 2, Field(socket, 41, 67));
    }

    [Fact]
    public async Task A_socket_comes_from_the_address_that_it_is_given()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "127.0.0.2 is an address of Linux' loopback alone.");
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using Socket socket = await LinkSocket.ConnectAsync(
            "127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, Link with { Dscp = 8 }, IPAddress.Parse("127.0.0.2"), Ct);
        using Socket accepted = await listener.AcceptSocketAsync(Ct);

        Assert.Equal("127.0.0.2", ((IPEndPoint)accepted.RemoteEndPoint!).Address.ToString());
        Assert.Equal(8 << 2, Field(socket, 0, 1));
    }

    [Fact]
    public async Task An_interface_that_is_not_there_is_said()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sockets are bound to interfaces on Linux.");
        UplinkException refused = await Assert.ThrowsAsync<UplinkException>(async () => await LinkSocket.ConnectAsync(
            "127.0.0.1", 9, Link with { Interface = "no-such-if" }, null, Ct));
        Assert.Contains("link test: a connection cannot be bound to no-such-if", refused.Message, StringComparison.Ordinal);
    }

    private static int Field(Socket socket, int level, int option)
    {
        byte[] field = new byte[4];
        socket.GetRawSocketOption(level, option, field);
        return BitConverter.ToInt32(field);
    }
}
