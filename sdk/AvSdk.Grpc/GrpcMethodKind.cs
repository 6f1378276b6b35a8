namespace AvSdk.Grpc;

/// <summary>Which ends of a method stream.</summary>
public enum GrpcMethodKind
{
    /// <summary>One request, one response.</summary>
    Unary,

    /// <summary>One request, any number of responses.</summary>
    ServerStreaming,

    /// <summary>Any number of requests, one response.</summary>
    ClientStreaming,

    /// <summary>Any number of both, independent of each other.</summary>
    Duplex,
}
