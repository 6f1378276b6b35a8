using AvSdk.Contracts.Identity;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Ingest;
using AvSdk.Gateway.Query;
using AvSdk.Grpc;
using AvSdk.Grpc.Server;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Routing;

namespace AvSdk.Gateway;

/// <summary>
/// The gateway's services as gRPC: which method goes where, and which failure is which status.
/// </summary>
internal static class GatewayGrpc
{
    public static void Map(IEndpointRouteBuilder endpoints, GatewayRuntime gateway)
    {
        ServiceDescriptor ingest = IngestReflection.Descriptor.FindTypeByName<ServiceDescriptor>("Ingest");
        ServiceDescriptor query = QueryReflection.Descriptor.FindTypeByName<ServiceDescriptor>("Query");
        ServiceDescriptor catalogue =
            QueryReflection.Descriptor.FindTypeByName<ServiceDescriptor>("Catalogue");
        endpoints.MapGrpc(services => services
            .Duplex(
                Method<UploadRequest, UploadReply>(ingest, "Upload"),
                (requests, replies, context) => UploadAsync(gateway, requests, replies, context))
            .Unary(
                Method<Selection, QueryPlan>(query, "Plan"),
                (selection, context) => AnswerAsync(
                    gateway, context, () => gateway.Queries.PlanAsync(selection, context.CancellationToken)))
            .ServerStreaming(
                Method<ReadRequest, ReadReply>(query, "Read"),
                (request, replies, context) => ReadAsync(gateway, request, replies, context))
            .Unary(
                Method<Selection, RequestReply>(query, "Request"),
                (selection, context) => AnswerAsync(
                    gateway, context, () => gateway.Queries.RequestAsync(selection, context.CancellationToken)))
            .Unary(
                Method<ListVehiclesRequest, ListVehiclesReply>(catalogue, "ListVehicles"),
                (_, context) => AnswerAsync(
                    gateway, context, () => gateway.Catalogue.ListVehiclesAsync(context.CancellationToken)))
            .Unary(
                Method<ListRecordingsRequest, ListRecordingsReply>(catalogue, "ListRecordings"),
                (request, context) => AnswerAsync(
                    gateway, context, () => gateway.Catalogue.ListRecordingsAsync(request, context.CancellationToken)))
            .Unary(
                Method<Selection, ListTopicsReply>(catalogue, "ListTopics"),
                (selection, context) => AnswerAsync(
                    gateway, context, () => gateway.Catalogue.ListTopicsAsync(selection, context.CancellationToken)))
            .Unary(
                Method<Selection, Coverage>(catalogue, "GetCoverage"),
                (selection, context) => AnswerAsync(
                    gateway, context, () => gateway.Catalogue.GetCoverageAsync(selection, context.CancellationToken)))
            .Unary(
                Method<GetLedgerRequest, LedgerReport>(catalogue, "GetLedger"),
                (request, context) => AnswerAsync(
                    gateway, context, () => gateway.Catalogue.GetLedgerAsync(request, context.CancellationToken))));
    }

    private static GrpcMethod<TRequest, TResponse> Method<TRequest, TResponse>(
        ServiceDescriptor service, string name)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        GrpcMethod<TRequest, TResponse>.FromDescriptor(service.FindMethodByName(name));

    private static async Task UploadAsync(
        GatewayRuntime gateway,
        GrpcRequestReader<UploadRequest> requests,
        GrpcResponseWriter<UploadReply> replies,
        GrpcServerCallContext context)
    {
        PeerIdentity? vehicle = gateway.Gate.Require(context, PeerKind.Vehicle);
        gateway.Meter.VehiclesConnected.Add(1);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken, gateway.Stopping);
        using IngestStream stream = gateway.OpenStream(vehicle);
        UploadRequestParser parser = new();
        requests.Parser = parser.Parse;
        try
        {
            await stream.RunAsync(ReceiveAsync, replies.WriteAsync, either.Token).ConfigureAwait(false);
        }
        catch (IngestRefusal refusal)
        {
            stream.NoteRefusal(refusal, gateway.Meter);
            throw new GrpcException(StatusOf(refusal.Kind), refusal.Message, refusal) { RetryPushback = refusal.RetryAfter };
        }
        catch (OperationCanceledException) when (
            gateway.Stopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw new GrpcException(
                GrpcStatusCode.Unavailable, "The gateway is stopping; connect again in a moment.");
        }
        finally
        {
            parser.Release();
            gateway.Meter.VehiclesConnected.Add(-1);
        }

        ValueTask<UploadRequest?> ReceiveAsync(CancellationToken cancellationToken)
        {
            parser.Release();
            return requests.ReadAsync(cancellationToken);
        }
    }

    private static async Task ReadAsync(
        GatewayRuntime gateway,
        ReadRequest request,
        GrpcResponseWriter<ReadReply> replies,
        GrpcServerCallContext context)
    {
        gateway.Gate.Require(context, PeerKind.Client);
        using IDisposable place = gateway.QueryGate.Enter();
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken, gateway.Stopping);
        try
        {
            await gateway.Queries.ReadAsync(request, replies.WriteAsync, either.Token).ConfigureAwait(false);
        }
        catch (QueryRefusal refusal)
        {
            throw new GrpcException(StatusOf(refusal.Kind), refusal.Message, refusal);
        }
        catch (IOException failure)
        {
            throw new GrpcException(
                GrpcStatusCode.Unavailable, "The gateway could not read its store; try again.", failure);
        }
        catch (OperationCanceledException) when (
            gateway.Stopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw new GrpcException(
                GrpcStatusCode.Unavailable,
                "The gateway is stopping; resume in a moment with the same as_of.");
        }
    }

    private static async Task<T> AnswerAsync<T>(
        GatewayRuntime gateway, GrpcServerCallContext context, Func<ValueTask<T>> answer)
    {
        gateway.Gate.Require(context, PeerKind.Client);
        using IDisposable place = gateway.QueryGate.Enter();
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (QueryRefusal refusal)
        {
            throw new GrpcException(StatusOf(refusal.Kind), refusal.Message, refusal);
        }
        catch (IOException failure)
        {
            throw new GrpcException(
                GrpcStatusCode.Unavailable, "The gateway could not read its index; try again.", failure);
        }
    }

    private static GrpcStatusCode StatusOf(IngestRefusalKind kind) => kind switch
    {
        IngestRefusalKind.BadMessage => GrpcStatusCode.InvalidArgument,
        IngestRefusalKind.NotAllowed => GrpcStatusCode.PermissionDenied,
        _ => GrpcStatusCode.Unavailable,
    };

    private static GrpcStatusCode StatusOf(QueryRefusalKind kind) => kind switch
    {
        QueryRefusalKind.BadRequest => GrpcStatusCode.InvalidArgument,
        QueryRefusalKind.NotFound => GrpcStatusCode.NotFound,
        QueryRefusalKind.DataLost => GrpcStatusCode.DataLoss,
        _ => GrpcStatusCode.ResourceExhausted,
    };
}
