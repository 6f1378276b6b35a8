using AvSdk.Grpc;

namespace AvSdk;

/// <summary>Headers of the options as gRPC metadata.</summary>
internal static class GrpcHeaders
{
    public static GrpcMetadata? From(IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count == 0)
            return null;
        GrpcMetadata metadata = [];
        foreach ((string name, string value) in headers)
            metadata.Add(name, value);
        return metadata;
    }
}
