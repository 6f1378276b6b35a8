using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace AvSdk.Grpc.Transport;

/// <summary>What a failure of HTTP means as a gRPC status.</summary>
internal static class TransportFailure
{
    public static GrpcException From(Exception exception, string target)
        => exception switch
        {
            GrpcException known => known,
            HttpProtocolException protocol => FromProtocol(protocol, exception, target),

            // Nothing was answered yet, and what came is no HTTP/2 (PROTOCOL_ERROR, FRAME_SIZE_ERROR).
            HttpRequestException { InnerException: HttpProtocolException { ErrorCode: 0x1 or 0x6 } protocol }
                => NotHttp2(target, protocol.Message, exception),
            HttpRequestException { InnerException: HttpProtocolException protocol }
                => FromProtocol(protocol, exception, target),
            HttpRequestException request => FromRequest(request, target),
            IOException { InnerException: HttpProtocolException protocol }
                => FromProtocol(protocol, exception, target),
            OperationCanceledException or IOException or ObjectDisposedException => new GrpcException(
                GrpcStatusCode.Unavailable,
                $"The connection of {target} was lost: {Cause(exception)}.",
                exception),
            _ => new GrpcException(
                GrpcStatusCode.Internal, $"{target} failed: {exception.Message}", exception),
        };

    /// <summary>
    /// The answer's failure when it is no gRPC at all; null when it is ("gRPC over HTTP2", HTTP status
    /// mapping).
    /// </summary>
    public static GrpcException? FromResponse(HttpResponseMessage response, string target)
    {
        MediaTypeHeaderValue? type = response.Content.Headers.ContentType;
        bool isGrpc = type?.MediaType is { } media
            && (media.Equals("application/grpc", StringComparison.OrdinalIgnoreCase)
                || media.StartsWith("application/grpc+", StringComparison.OrdinalIgnoreCase));
        if (response.StatusCode == HttpStatusCode.OK && isGrpc)
            return null;
        string found = type is null ? "no content-type" : $"content-type {type}";
        GrpcStatusCode code = (int)response.StatusCode switch
        {
            400 => GrpcStatusCode.Internal,
            401 => GrpcStatusCode.Unauthenticated,
            403 => GrpcStatusCode.PermissionDenied,
            404 => GrpcStatusCode.Unimplemented,
            429 or 502 or 503 or 504 => GrpcStatusCode.Unavailable,
            _ => GrpcStatusCode.Unknown,
        };
        return new GrpcException(
            code,
            $"{target} was answered with HTTP {(int)response.StatusCode} and {found}, not with gRPC. "
            + "A proxy, a login page or another kind of server is at this address: "
            + "check it, or let the proxy pass HTTP/2 with trailers.")
        {
            RetryPushback = response.Headers.RetryAfter?.Delta,
        };
    }

    /// <summary>The connection ended before there was an answer, and nobody says why.</summary>
    public static GrpcException Unanswered(string target, Exception exception)
        => new(
            GrpcStatusCode.Unavailable,
            $"The connection of {target} ended before it was answered: the server has stopped, or a login page of the network, "
            + "a proxy or another kind of server answers in its place. Check the address, and that the server runs.",
            exception);

    private static GrpcException FromRequest(HttpRequestException exception, string target)
    {
        string found = Cause(exception);
        return exception.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => Unavailable(
                $"The host name of {target} is not known: {found}. Check the address."),
            HttpRequestError.ConnectionError => Unavailable(
                $"{target} cannot be reached: {found}. Check the address, and that the server runs."),
            HttpRequestError.SecureConnectionError => Unavailable(
                $"No TLS connection for {target}: {found}. "
                + "Check the certificates of both ends, and that the server speaks TLS."),
            HttpRequestError.HttpProtocolError
                or HttpRequestError.InvalidResponse
                or HttpRequestError.VersionNegotiationError => NotHttp2(target, found, exception),
            _ => Unavailable($"The connection of {target} was lost: {found}."),
        };

        GrpcException Unavailable(string detail) => new(GrpcStatusCode.Unavailable, detail, exception);
    }

    // Error codes: RFC 9113, section 7; statuses: "gRPC over HTTP2", Errors.
    private static GrpcException FromProtocol(
        HttpProtocolException protocol, Exception exception, string target)
        => protocol.ErrorCode switch
        {
            0xd => NotHttp2(target, protocol.Message, exception),
            0x7 => new(
                GrpcStatusCode.Unavailable, $"{target} was refused before it began (REFUSED_STREAM).",
                exception),
            0x8 => new(
                GrpcStatusCode.Cancelled, $"{target} was cancelled by the peer (RST_STREAM CANCEL).",
                exception),
            0xb => new(
                GrpcStatusCode.ResourceExhausted,
                $"The peer of {target} wants fewer frames (ENHANCE_YOUR_CALM): ping or call less often.",
                exception),
            0xc => new(
                GrpcStatusCode.PermissionDenied,
                $"The peer of {target} wants a safer TLS (INADEQUATE_SECURITY).",
                exception),
            _ => new(
                GrpcStatusCode.Internal, $"{target} was broken off by the peer: {protocol.Message}",
                exception),
        };

    private static GrpcException NotHttp2(string target, string found, Exception exception)
        => new(
            GrpcStatusCode.Unavailable,
            $"The peer of {target} does not speak HTTP/2 ({found}). A login page of the network, a proxy or another kind of "
            + "server may answer in its place: use the server's gRPC port, and https where it has TLS.",
            exception);

    // What the system said, where it said something; the layers above only repeat that it failed. Without a period.
    private static string Cause(Exception exception)
    {
        for (Exception? at = exception; at is not null; at = at.InnerException)
        {
            if (at is SocketException or AuthenticationException)
                return at.Message.TrimEnd('.');
        }

        return (exception.InnerException?.Message ?? exception.Message).TrimEnd('.');
    }
}
