using System.Globalization;
using AvSdk.Gateway;
using AvSdk.Gateway.Admission;
using AvSdk.Grpc;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Tests.Gateway.Admission;

public sealed class QueryGateTests
{
    [Fact]
    public async Task Beyond_its_places_http_is_answered_503_and_grpc_unavailable_with_the_time_to_come_back()
    {
        using GatewayMeter meter = new();
        QueryGate gate = new(new GatewayAdmissionOptions { QueriesMax = 1 }, meter, new ManualTime(), NullLogger.Instance);
        DefaultHttpContext outer = new(), inner = new();
        GrpcException? refusal = null;
        await gate.Guard(async _ =>
        {
            await gate.Guard(_ => throw new InvalidOperationException("It was let in."))(inner);
            refusal = Assert.Throws<GrpcException>(() => gate.Enter());
        })(outer);

        Assert.Equal((200, 503), (outer.Response.StatusCode, inner.Response.StatusCode));
        int seconds = int.Parse(inner.Response.Headers.RetryAfter.ToString(), CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 1, 2);
        Assert.Equal(GrpcStatusCode.Unavailable, refusal!.StatusCode);

        // The next slot, not the same one.
        Assert.Equal(TimeSpan.FromSeconds(2), refusal.RetryPushback);
        gate.Enter().Dispose();
    }
}
