using AvSdk.Grpc;
using AvSdk.Tests.Grpc.Interop;
using Google.Protobuf.Reflection;

namespace AvSdk.Tests.Grpc;

internal static class EchoMethods
{
    private static readonly ServiceDescriptor Service = EchoReflection.Descriptor.Services[0];

    public static GrpcMethod<EchoRequest, EchoReply> Say { get; } = Of("Say");

    public static GrpcMethod<EchoRequest, EchoReply> Expand { get; } = Of("Expand");

    public static GrpcMethod<EchoRequest, EchoReply> Collect { get; } = Of("Collect");

    public static GrpcMethod<EchoRequest, EchoReply> Chat { get; } = Of("Chat");

    private static GrpcMethod<EchoRequest, EchoReply> Of(string name)
        => GrpcMethod<EchoRequest, EchoReply>.FromDescriptor(Service.FindMethodByName(name));
}
