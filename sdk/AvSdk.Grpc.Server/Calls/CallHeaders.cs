using System.Globalization;
using AvSdk.Grpc.Framing;
using AvSdk.Grpc.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AvSdk.Grpc.Server.Calls;

/// <summary>Headers and trailers of a call, to and from ASP.NET's dictionaries.</summary>
internal static class CallHeaders
{
    public static bool IsGrpc(string? contentType)
    {
        const string Grpc = "application/grpc";
        return contentType is not null
            && contentType.StartsWith(Grpc, StringComparison.OrdinalIgnoreCase)
            && (contentType.Length == Grpc.Length || contentType[Grpc.Length] is '+' or ';' or ' ');
    }

    public static GrpcMetadata Read(IHeaderDictionary headers)
    {
        GrpcMetadata metadata = [];
        foreach ((string name, StringValues values) in headers)
        {
            foreach (string? value in values)
                metadata.AddReceived(name, value ?? "");
        }

        return metadata.Seal();
    }

    public static void Write(IHeaderDictionary headers, GrpcMetadata metadata)
    {
        foreach (GrpcMetadataEntry entry in metadata)
            headers.Append(entry.Name, entry.Value);
    }

    public static void WriteStatus(IHeaderDictionary trailers, GrpcException? failure, GrpcMetadata metadata)
    {
        GrpcStatusCode code = failure?.StatusCode ?? GrpcStatusCode.OK;
        trailers[ResponseStatus.StatusName] = ((int)code).ToString(CultureInfo.InvariantCulture);
        if (failure is { Detail.Length: > 0 })
            trailers[ResponseStatus.MessageName] = PercentEncoding.Encode(failure.Detail);
        if (failure is { StatusDetails.IsEmpty: false })
            trailers[ResponseStatus.DetailsName] = BinaryHeader.Encode(failure.StatusDetails.Span);
        if (failure?.RetryPushback is { } pushback)
            trailers[RetryPushback.Name] = RetryPushback.Format(pushback);
        Write(trailers, metadata);
        if (failure is not null)
            Write(trailers, failure.Trailers);
    }
}
