using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace AvSdk.SystemTests.Network;

/// <summary>
/// A network that wants its users to log in first: whatever is sent to the port is answered with a page, in plaintext or over TLS with a
/// certificate of its own.
/// </summary>
internal sealed class LoginPage : IAsyncDisposable
{
    private const string Page = "<html><body><h1>Welcome to Depot Guest</h1><form>Accept the terms</form></body></html>";

    private readonly Socket _listener;
    private readonly X509Certificate2? _certificate;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _serving;
    private int _visits;

    private LoginPage(Socket listener, X509Certificate2? certificate)
    {
        (_listener, _certificate) = (listener, certificate);
        _serving = ServeAsync();
    }

    /// <summary>Connections that got the page.</summary>
    public int Visits => Volatile.Read(ref _visits);

    public static LoginPage At(NetworkLab lab, int port) => new(lab.Listen(port), null);

    /// <param name="port">On loopback.</param>
    /// <param name="certificate">Speaks TLS with it; null: none, whatever is asked.</param>
    public static LoginPage OnLoopback(int port, X509Certificate2? certificate)
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen();
        return new LoginPage(listener, certificate);
    }

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
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                using Socket visitor = await _listener.AcceptAsync(_ending.Token);
                await AnswerAsync(visitor, answer);
            }
            catch (Exception error) when (error is IOException or SocketException or AuthenticationException
                or OperationCanceledException or ObjectDisposedException)
            {
                // The visitor is gone, or the page.
            }
        }
    }

    private async Task AnswerAsync(Socket visitor, byte[] answer)
    {
        byte[] asked = new byte[4096];
        await using NetworkStream network = new(visitor);
        Stream stream = network;
        Interlocked.Increment(ref _visits);
        if (_certificate is not null)
        {
            SslStream tls = new(network);
            stream = tls;
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _ending.Token);
        }

        await using (stream)
        {
            if (await stream.ReadAsync(asked, _ending.Token) == 0)
                return;
            await stream.WriteAsync(answer, _ending.Token);
            visitor.Shutdown(SocketShutdown.Send);

            // Until the visitor leaves, or it would not have read the page.
            while (await stream.ReadAsync(asked, _ending.Token) > 0)
                continue;
        }
    }
}
