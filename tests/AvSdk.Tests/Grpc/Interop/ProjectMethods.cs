using AvSdk.Contracts.V1;
using AvSdk.Grpc;

namespace AvSdk.Tests.Grpc.Interop;

/// <summary>Methods of the project's own services, one of each kind that there is.</summary>
internal static class ProjectMethods
{
    public static GrpcMethod<Selection, QueryPlan> Plan { get; } =
        GrpcMethod<Selection, QueryPlan>.FromDescriptor(
        QueryReflection.Descriptor.Services.Single(s => s.Name == "Query").FindMethodByName("Plan"));

    public static GrpcMethod<ReadRequest, ReadReply> Read { get; } =
        GrpcMethod<ReadRequest, ReadReply>.FromDescriptor(
        QueryReflection.Descriptor.Services.Single(s => s.Name == "Query").FindMethodByName("Read"));

    public static GrpcMethod<UploadRequest, UploadReply> Upload { get; } =
        GrpcMethod<UploadRequest, UploadReply>.FromDescriptor(
            IngestReflection.Descriptor.Services[0].FindMethodByName("Upload"));
}
