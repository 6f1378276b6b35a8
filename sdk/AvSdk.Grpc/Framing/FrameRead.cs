namespace AvSdk.Grpc.Framing;

/// <summary>What became of an attempt to read a framed message.</summary>
internal enum FrameRead
{
    Ok,

    /// <summary>The bytes end before the message does.</summary>
    NeedMore,

    /// <summary>The announced length is over the limit. Nothing was sliced or allocated for it.</summary>
    TooLarge,

    /// <summary>The compressed flag is set, and we told the peer that we take identity only.</summary>
    Compressed,

    /// <summary>The flag byte is neither 0 nor 1: this is no gRPC message.</summary>
    BadFlag,
}
