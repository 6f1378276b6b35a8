using AvSdk.Contracts.Identity;
using AvSdk.Contracts.V1;
using AvSdk.Grpc;
using AvSdk.Recording.Uplink;

namespace AvSdk.Uplink;

/// <summary>One call, with its connection.</summary>
internal sealed class GrpcUplinkSession(
    GrpcChannel channel, GrpcDuplexCall<UploadRequest, UploadReply> call, string name) : IUplinkSession
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
        if (CertificateRefusedException.Behind(exception) is { } refused)
        {
            return new UplinkException(
                $"{name}: {refused.Message} What was to be sent stays in the spool.", isTransient: false, exception);
        }

        bool isTransient = IsTransient(exception.StatusCode);
        string remedy = isTransient
            ? "What was to be sent stays in the spool and goes when the link is back."
            : "Trying again does not help: check the vehicle's name and identity, and that gateway and "
            + "vehicle run fitting versions.";
        return new UplinkException($"{name}: {exception.Message} {remedy}", isTransient, exception)
        {
            RetryAfter = exception.RetryPushback is { } pushback && pushback >= TimeSpan.Zero ? pushback : null,
        };
    }

    /// <summary>False: the gateway understood, and refuses this vehicle or this software.</summary>
    internal static bool IsTransient(GrpcStatusCode status) => status is not (
        GrpcStatusCode.InvalidArgument or GrpcStatusCode.NotFound or GrpcStatusCode.AlreadyExists
        or GrpcStatusCode.PermissionDenied or GrpcStatusCode.FailedPrecondition or GrpcStatusCode.OutOfRange
        or GrpcStatusCode.Unimplemented or GrpcStatusCode.Unauthenticated);
}
