using System.Net.Sockets;

namespace AvSdk.Ingestion;

/// <summary>Connects to an agent's Unix socket.</summary>
internal static class AgentSocket
{
    /// <exception cref="AgentException">Nobody listens there; the message says what to check.</exception>
    public static async Task<Socket> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken)
                .ConfigureAwait(false);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            socket.Dispose();
            string why = exception is SocketException { SocketErrorCode: SocketError.AccessDenied }
                ? "this user may not open it: add the user to the socket's group"
                : exception.Message;
            throw new AgentException(
                $"No agent answers at {path} ({why}). Is it running (systemctl status avagent), and is that "
                + "the socket of its configuration?",
                exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
