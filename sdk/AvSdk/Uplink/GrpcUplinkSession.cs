using AvSdk.Contracts.V1;
using AvSdk.Grpc;
using AvSdk.Recording.Uplink;

namespace AvSdk.Uplink;

/// <summary>One call, with its connection.</summary>
internal sealed class GrpcUplinkSession(
    GrpcChannel channel, GrpcDuplexCall<UploadRequest, UploadReply> call, AvCredentials? credentials) : IUplinkSession
{
    public async ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await call.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (GrpcException exception)
        {
            throw Failure(exception);
        }
    }

    public async ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await call.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (GrpcException exception)
        {
            throw Failure(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await call.DisposeAsync().ConfigureAwait(false);
        await channel.DisposeAsync().ConfigureAwait(false);
    }

    private UplinkException Failure(GrpcException exception)
    {
        bool isTransient;
        if (credentials is not null && ExplainTls(exception, credentials, out isTransient) is { } what)
            return new UplinkException($"{what} What was to be sent stays in the spool.", isTransient, exception);
        isTransient = IsTransient(exception.StatusCode);

        // Who reads it knows which uplink it is, and so the address.
        string message = exception.Message.Replace($" at {channel.Address}", "", StringComparison.Ordinal);
        string remedy = isTransient
            ? "What was to be sent stays in the spool and goes when the link is back."
            : "Trying again does not help: check the vehicle's name and identity, and that gateway and "
            + "vehicle run fitting versions.";
        return new UplinkException($"{message} {remedy}", isTransient, exception)
        {
            RetryAfter = exception.RetryPushback is { } pushback && pushback >= TimeSpan.Zero ? pushback : null,
        };
    }

    private static string? ExplainTls(GrpcException exception, AvCredentials credentials, out bool isTransient)
    {
        bool isConnecting =
            exception.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError };
        return TlsFailure.Explain(exception, isConnecting, "The gateway", credentials.Describe(), out isTransient);
    }

    /// <summary>False: the gateway understood, and refuses this vehicle or this software.</summary>
    internal static bool IsTransient(GrpcStatusCode status) => status is not (
        GrpcStatusCode.InvalidArgument or GrpcStatusCode.NotFound or GrpcStatusCode.AlreadyExists
        or GrpcStatusCode.PermissionDenied or GrpcStatusCode.FailedPrecondition or GrpcStatusCode.OutOfRange
        or GrpcStatusCode.Unimplemented or GrpcStatusCode.Unauthenticated);
}
