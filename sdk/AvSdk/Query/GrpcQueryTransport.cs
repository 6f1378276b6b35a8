using System.Runtime.CompilerServices;
using AvSdk.Contracts.Identity;
using AvSdk.Grpc;
using AvSdk.Identity;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.Extensions.Logging;
using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>The services <c>av.v1.Query</c> and <c>av.v1.Catalogue</c> over gRPC.</summary>
internal sealed class GrpcQueryTransport : IQueryTransport
{
    private static readonly ServiceDescriptor QueryService = Service("Query");
    private static readonly ServiceDescriptor CatalogueService = Service("Catalogue");
    private static readonly GrpcMethod<V1.Selection, V1.QueryPlan> Plan =
        GrpcMethod<V1.Selection, V1.QueryPlan>.FromDescriptor(QueryService.FindMethodByName("Plan"));
    private static readonly GrpcMethod<V1.ReadRequest, V1.ReadReply> Read =
        GrpcMethod<V1.ReadRequest, V1.ReadReply>.FromDescriptor(QueryService.FindMethodByName("Read"));
    private static readonly GrpcMethod<V1.Selection, V1.RequestReply> Request =
        GrpcMethod<V1.Selection, V1.RequestReply>.FromDescriptor(QueryService.FindMethodByName("Request"));
    private static readonly GrpcMethod<V1.ListVehiclesRequest, V1.ListVehiclesReply> ListVehicles =
        GrpcMethod<V1.ListVehiclesRequest, V1.ListVehiclesReply>.FromDescriptor(
            CatalogueService.FindMethodByName("ListVehicles"));
    private static readonly GrpcMethod<V1.ListRecordingsRequest, V1.ListRecordingsReply> ListRecordings =
        GrpcMethod<V1.ListRecordingsRequest, V1.ListRecordingsReply>.FromDescriptor(
            CatalogueService.FindMethodByName("ListRecordings"));
    private static readonly GrpcMethod<V1.Selection, V1.ListTopicsReply> ListTopics =
        GrpcMethod<V1.Selection, V1.ListTopicsReply>.FromDescriptor(
            CatalogueService.FindMethodByName("ListTopics"));
    private static readonly GrpcMethod<V1.Selection, V1.Coverage> GetCoverage =
        GrpcMethod<V1.Selection, V1.Coverage>.FromDescriptor(
            CatalogueService.FindMethodByName("GetCoverage"));
    private static readonly GrpcMethod<V1.GetLedgerRequest, V1.LedgerReport> GetLedger =
        GrpcMethod<V1.GetLedgerRequest, V1.LedgerReport>.FromDescriptor(
            CatalogueService.FindMethodByName("GetLedger"));

    private readonly Rotating<GrpcChannel> _channels;
    private readonly GrpcCallOptions _unary;

    public GrpcQueryTransport(Uri address, AvClientOptions options)
    {
        Address = address.OriginalString;
        _unary = new GrpcCallOptions { Timeout = options.CallTimeout };
        GrpcChannelOptions plain = new()
        {
            Headers = GrpcHeaders.From(options.Headers),
            TimeProvider = options.TimeProvider,
        };
        _channels = new Rotating<GrpcChannel>(
            options.Credentials,
            options.LoggerFactory.CreateLogger<AvClient>(),
            material => GrpcChannel.Create(address, material is null
                ? plain
                : plain with { Tls = options.Credentials!.CreateTls(material, address.IdnHost, options.TimeProvider) }),
            static channel => channel.DisposeAsync());
    }

    public string Address { get; }

    public Task<V1.QueryPlan> PlanAsync(V1.Selection selection, CancellationToken cancellationToken) =>
        CallAsync(Plan, selection, cancellationToken);

    public async IAsyncEnumerable<V1.ReadReply> ReadAsync(
        V1.Selection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        V1.ReadRequest request = new() { Selection = selection };
        Rotating<GrpcChannel>.Use channel = _channels.Take();
        await using ConfiguredAsyncDisposable use = channel.ConfigureAwait(false);
        GrpcServerStreamingCall<V1.ReadReply> call =
            channel.Value.ServerStreaming(Read, request, null, cancellationToken);
        await using (call.ConfigureAwait(false))
        {
            while (await NextAsync(call, cancellationToken).ConfigureAwait(false) is { } reply)
                yield return reply;
        }
    }

    public Task<V1.RequestReply> RequestAsync(V1.Selection selection, CancellationToken cancellationToken) =>
        CallAsync(Request, selection, cancellationToken);

    public Task<V1.ListVehiclesReply> ListVehiclesAsync(CancellationToken cancellationToken) =>
        CallAsync(ListVehicles, new V1.ListVehiclesRequest(), cancellationToken);

    public Task<V1.ListRecordingsReply> ListRecordingsAsync(
        V1.ListRecordingsRequest request, CancellationToken cancellationToken) =>
        CallAsync(ListRecordings, request, cancellationToken);

    public Task<V1.ListTopicsReply> ListTopicsAsync(
        V1.Selection selection, CancellationToken cancellationToken) =>
        CallAsync(ListTopics, selection, cancellationToken);

    public Task<V1.Coverage> GetCoverageAsync(V1.Selection selection, CancellationToken cancellationToken) =>
        CallAsync(GetCoverage, selection, cancellationToken);

    public Task<V1.LedgerReport> GetLedgerAsync(
        V1.GetLedgerRequest request, CancellationToken cancellationToken) =>
        CallAsync(GetLedger, request, cancellationToken);

    public ValueTask DisposeAsync() => _channels.DisposeAsync();

    private async Task<TReply> CallAsync<TRequest, TReply>(
        GrpcMethod<TRequest, TReply> method, TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TReply : class, IMessage<TReply>
    {
        Rotating<GrpcChannel>.Use channel = _channels.Take();
        await using ConfiguredAsyncDisposable use = channel.ConfigureAwait(false);
        try
        {
            return await channel.Value.UnaryAsync(method, request, _unary, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (GrpcException exception)
        {
            throw Failure(exception);
        }
    }

    private async ValueTask<V1.ReadReply?> NextAsync(
        GrpcServerStreamingCall<V1.ReadReply> call, CancellationToken cancellationToken)
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

    private AvQueryException Failure(GrpcException exception) => exception.StatusCode switch
    {
        _ when CertificateRefusedException.Behind(exception) is { } refused => new AvQueryException(
            AvQueryError.GatewayRefused, $"{Address} is not taken for a gateway. {refused.Message}", exception),
        GrpcStatusCode.Unavailable or GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.Aborted
            or GrpcStatusCode.Internal or GrpcStatusCode.Cancelled
            or GrpcStatusCode.Unknown => new AvQueryException(
                AvQueryError.GatewayUnavailable,
                $"The gateway at {Address} cannot be reached, or was lost: {exception.Detail} "
                + "Check that it runs and that the address is that of its gRPC port.",
                exception)
            {
                RetryAfter = exception.RetryPushback,
            },
        GrpcStatusCode.ResourceExhausted => new AvQueryException(
            AvQueryError.OverLimit, $"The gateway at {Address} is at a limit: {exception.Detail}", exception),
        _ => new AvQueryException(
            AvQueryError.GatewayRefused,
            $"The gateway at {Address} refuses ({exception.StatusCode}): {exception.Detail}",
            exception),
    };

    private static ServiceDescriptor Service(string name) =>
        V1.QueryReflection.Descriptor.FindTypeByName<ServiceDescriptor>(name);
}
