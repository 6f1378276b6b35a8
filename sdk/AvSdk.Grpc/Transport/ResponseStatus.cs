using System.Globalization;
using System.Net.Http.Headers;
using AvSdk.Grpc.Framing;

namespace AvSdk.Grpc.Transport;

/// <summary>Reads headers and trailers of a response.</summary>
internal static class ResponseStatus
{
    public const string StatusName = "grpc-status";
    public const string MessageName = "grpc-message";
    public const string DetailsName = "grpc-status-details-bin";

    /// <summary>Whether a status is here: a trailers-only response has it in its headers.</summary>
    public static bool IsIn(HttpHeaders headers) => headers.NonValidated.Contains(StatusName);

    public static GrpcMetadata Metadata(HttpHeaders headers)
    {
        GrpcMetadata metadata = [];
        foreach ((string name, HeaderStringValues values) in headers.NonValidated)
        {
            foreach (string value in values)
                metadata.AddReceived(name, value);
        }

        return metadata.Seal();
    }

    /// <summary>The failure that these trailers tell of; null for OK.</summary>
    public static GrpcException? Failure(HttpHeaders trailers, GrpcMetadata metadata, string target)
    {
        if (First(trailers, StatusName) is not { } text)
        {
            return new GrpcException(
                GrpcStatusCode.Unknown,
                $"The answer of {target} ended without a status: the server or a proxy broke it off, "
                + "or drops trailers.")
            {
                Trailers = metadata,
            };
        }

        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        if (isNumber && number == 0)
            return null;
        GrpcStatusCode code = isNumber && number <= (int)GrpcStatusCode.Unauthenticated
            ? (GrpcStatusCode)number
            : GrpcStatusCode.Unknown;
        byte[] details = [];
        if (First(trailers, DetailsName) is { } encoded)
            BinaryHeader.TryDecode(encoded, out details);
        return new GrpcException(code, PercentEncoding.Decode(First(trailers, MessageName) ?? ""))
        {
            Trailers = metadata,
            StatusDetails = details,
            RetryPushback = RetryPushback.Parse(First(trailers, RetryPushback.Name)),
        };
    }

    private static string? First(HttpHeaders headers, string name)
    {
        if (!headers.NonValidated.TryGetValues(name, out HeaderStringValues values))
            return null;
        foreach (string value in values)
            return value;
        return null;
    }
}
