namespace AvSdk.Grpc;

/// <summary>How a call ended. The numbers are those of the wire (gRPC status codes).</summary>
public enum GrpcStatusCode
{
    /// <summary>The call succeeded.</summary>
    OK = 0,

    /// <summary>The call was cancelled, typically by the caller.</summary>
    Cancelled = 1,

    /// <summary>An error of which nothing more is known.</summary>
    Unknown = 2,

    /// <summary>The arguments are wrong whatever the state of the system is.</summary>
    InvalidArgument = 3,

    /// <summary>The call's timeout passed before it was done.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>What was to be made exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known, and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit was reached: a quota, a message's size, disk space.</summary>
    ResourceExhausted = 8,

    /// <summary>
    /// The system is not in the state that the call needs; trying again alone does not help.
    /// </summary>
    FailedPrecondition = 9,

    /// <summary>A conflict with another call; trying again at a higher level may help.</summary>
    Aborted = 10,

    /// <summary>The arguments are outside of what is valid now, for example past the end.</summary>
    OutOfRange = 11,

    /// <summary>The server does not have this method, or not this feature of it.</summary>
    Unimplemented = 12,

    /// <summary>Something is broken: an invariant, or the bytes of the protocol.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached, or not now; trying again may help.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or damaged for good.</summary>
    DataLoss = 15,

    /// <summary>The caller's identity is missing or not valid.</summary>
    Unauthenticated = 16,
}
