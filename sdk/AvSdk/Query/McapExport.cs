using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AvSdk.Contracts.Identity;
using AvSdk.Identity;
using Microsoft.Extensions.Logging;
using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>
/// The gateway's export link:
/// <c>GET /v1/export.mcap?vehicle=…&amp;recording=…&amp;from=ns&amp;to=ns&amp;topic=…</c>,
/// each list parameter repeated for each value.
/// </summary>
internal sealed class McapExport : IAsyncDisposable
{
    private const string Path = "/v1/export.mcap";

    private readonly Uri _base;
    private readonly Rotating<HttpClient> _clients;

    public McapExport(Uri grpcAddress, AvClientOptions options)
    {
        bool isUnix = options.WebAddress is null && grpcAddress.Scheme == "unix";
        _base = options.WebAddress ?? (isUnix ? new Uri("http://localhost") : grpcAddress);
        UnixDomainSocketEndPoint? endPoint = isUnix ? new(grpcAddress.LocalPath) : null;
        _clients = new Rotating<HttpClient>(
            _base.Scheme == Uri.UriSchemeHttps ? options.Credentials ?? AvCredentials.None : null,
            options.LoggerFactory.CreateLogger<AvClient>(),
            material => Create(_base, endPoint, options, material),
            static client =>
            {
                client.Dispose();
                return ValueTask.CompletedTask;
            });
    }

    public Uri LinkTo(V1.Selection selection)
    {
        StringBuilder query = new();
        foreach (string vehicle in selection.VehicleIds)
            Append("vehicle", vehicle);
        foreach (Google.Protobuf.ByteString recording in selection.RecordingIds)
            Append("recording", RecordingIds.Parse(recording).ToString());
        if (selection.HasStart)
            Append("from", selection.Start.ToString(CultureInfo.InvariantCulture));
        if (selection.HasEnd)
            Append("to", selection.End.ToString(CultureInfo.InvariantCulture));
        foreach (string topic in selection.Topics)
            Append("topic", topic);
        return new UriBuilder(_base) { Path = Path, Query = query.ToString() }.Uri;

        void Append(string name, string value) =>
            query.Append(query.Length == 0 ? "" : "&").Append(name).Append('=')
                .Append(Uri.EscapeDataString(value));
    }

    /// <summary>The caller's to dispose.</summary>
    /// <exception cref="AvQueryException">The gateway is not there, or refuses.</exception>
    public async Task<Stream> OpenAsync(V1.Selection selection, CancellationToken cancellationToken)
    {
        Uri link = LinkTo(selection);
        HttpResponseMessage? response = null;
        Rotating<HttpClient>.Use client = _clients.Take();
        bool isHandedOn = false;
        try
        {
            response = await client.Value.GetAsync(link, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw await RefusedAsync(link, response, cancellationToken).ConfigureAwait(false);
            Stream content = await response.Content.ReadAsStreamAsync(cancellationToken)
                .ConfigureAwait(false);
            isHandedOn = true;
            return new ResponseStream(content, response, client);
        }
        catch (HttpRequestException exception)
        {
            response?.Dispose();
            if (CertificateRefusedException.Behind(exception) is { } refused)
            {
                throw new AvQueryException(
                    AvQueryError.GatewayRefused, $"{_base} is not taken for a gateway. {refused.Message}", exception);
            }

            throw new AvQueryException(AvQueryError.GatewayUnavailable,
                $"No answer from {link}: {exception.Message} Is the gateway running, and is this its web "
                + "address? AvClientOptions.WebAddress says where it serves HTTP.",
                exception);
        }
        catch
        {
            response?.Dispose();
            throw;
        }
        finally
        {
            if (!isHandedOn)
                await client.DisposeAsync().ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _clients.DisposeAsync();

    private static HttpClient Create(
        Uri address, UnixDomainSocketEndPoint? endPoint, AvClientOptions options, IdentityMaterial? material)
    {
        SocketsHttpHandler handler = new() { ConnectTimeout = options.CallTimeout };
        if (endPoint is not null)
            handler.ConnectCallback = (_, token) => ConnectAsync(endPoint, token);
        if (material is not null)
        {
            handler.SslOptions = (options.Credentials ?? AvCredentials.None)
                .CreateTls(material, address.IdnHost, options.TimeProvider);
        }

        HttpClient client = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
        foreach ((string name, string value) in options.Headers)
            client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);

        // Without a web address of its own it is the gRPC port, which without TLS speaks HTTP/2 alone.
        client.DefaultRequestVersion = HttpVersion.Version20;
        client.DefaultVersionPolicy = options.WebAddress is null && address.Scheme == "http"
            ? HttpVersionPolicy.RequestVersionExact
            : HttpVersionPolicy.RequestVersionOrLower;
        return client;
    }

    private static async Task<AvQueryException> RefusedAsync(
        Uri link, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        const int charactersMax = 2000;
        string text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        string said = text.Length > charactersMax ? text[..charactersMax] : text;
        AvQueryError error = (int)response.StatusCode >= 500
            ? AvQueryError.GatewayUnavailable
            : AvQueryError.GatewayRefused;
        return new AvQueryException(
            error, $"The gateway answered {(int)response.StatusCode} to {link}: {said.Trim()}")
        {
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    private static async ValueTask<Stream> ConnectAsync(
        EndPoint endPoint, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
