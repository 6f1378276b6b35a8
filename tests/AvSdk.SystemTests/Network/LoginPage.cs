using System.Net.Sockets;

namespace AvSdk.SystemTests.Network;

/// <summary>A network that wants its users to log in first: whatever is sent to the port is answered with a page.</summary>
internal sealed class LoginPage : IAsyncDisposable
{
    private const string Page = "<html><body><h1>Welcome to Depot Guest</h1><form>Accept the terms</form></body></html>";

    private readonly Socket _listener;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _serving;
    private int _visits;

    private LoginPage(Socket listener)
    {
        _listener = listener;
        _serving = ServeAsync();
    }

    /// <summary>Connections that got the page.</summary>
    public int Visits => Volatile.Read(ref _visits);

    public static LoginPage At(NetworkLab lab, int port) => new(lab.Listen(port));

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _serving;
        _ending.Dispose();
    }

    private async Task ServeAsync()
    {
        byte[] answer = System.Text.Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {Page.Length}\r\nConnection: close\r\n\r\n{Page}");
        byte[] asked = new byte[4096];
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                using Socket visitor = await _listener.AcceptAsync(_ending.Token);
                await visitor.ReceiveAsync(asked, _ending.Token);
                await visitor.SendAsync(answer, _ending.Token);
                Interlocked.Increment(ref _visits);
                visitor.Shutdown(SocketShutdown.Send);

                // Until the visitor leaves, or it would not have read the page.
                while (await visitor.ReceiveAsync(asked, _ending.Token) > 0)
                    continue;
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The visitor is gone, or the page.
            }
        }
    }
}
