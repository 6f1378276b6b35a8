using System.Net;
using System.Net.Sockets;

namespace AvSdk.Tests;

/// <summary>
/// Ports of loopback for processes that are told theirs. Below those that the kernel gives to connections, so that none is
/// taken between two starts of a process, and none twice in this process.
/// </summary>
internal static class FreePort
{
    // On Linux the kernel's own begin at 32768.
    private const int First = 20_000;
    private const int Count = 12_000;
    private static int s_last = Random.Shared.Next(Count);

    public static int Take()
    {
        while (true)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref s_last) % Count);
            try
            {
                using TcpListener listener = new(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }
}
