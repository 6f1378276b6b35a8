using AvSdk;
using AvSdk.Contracts.V1;
using AvSdk.Query;
using AvSdk.Recording;
using AvSdk.Uplink;

// What a partner writes: publishes by type to a gateway, and queries it back by type. The one argument is the gateway.
if (args is not [string gateway])
{
    Console.Error.WriteLine("usage: PartnerApp http://127.0.0.1:7443   (a gateway's address; start one with avgateway run)");
    return 2;
}

const int samples = 500;
using CancellationTokenSource stop = new(TimeSpan.FromMinutes(1));
CancellationToken ct = stop.Token;
ulong start = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
Guid recording;

string spool = Directory.CreateTempSubdirectory("partner-spool-").FullName;
try
{
    RecorderOptions options = new() { VehicleId = "partner-demo", SpoolFolder = spool };
    await using LocalRecorder recorder =
        await LocalRecorder.OpenAsync(options, new RecorderPorts { Uplink = new GrpcUplink(gateway) }, ct);
    recording = recorder.RecordingId;
    Channel<Imu> imu = recorder.Channel<Imu>("/imu", lane: "telemetry");
    Imu sample = new() { FrameId = "imu", LinearAcceleration = new() { Z = 9.81 }, AngularVelocity = new() };
    for (int i = 0; i < samples; i++)
    {
        sample.AngularVelocity.Z = Math.Sin(i / 50.0);
        if (imu.Write(start + ((ulong)i * 10_000_000), sample) is not WriteResult.Accepted and var dropped)
            Console.Error.WriteLine($"sample {i}: {dropped}");
    }

    await recorder.DrainAsync(ct);
    Console.WriteLine($"published {recorder.Ledger.Delivered} samples in recording {recording}");
}
finally
{
    Directory.Delete(spool, recursive: true);
}

await using AvClient client = AvClient.Connect(gateway);
int read = 0;
double largest = 0;
await foreach (Message<Imu> message in client.Query().Recordings(recording).ReadAsync<Imu>("/imu", ct))
{
    read++;
    largest = Math.Max(largest, Math.Abs(message.Value.AngularVelocity.Z));
}

Console.WriteLine($"queried {read} samples; the fastest turn was {largest:0.000} rad/s");
return read == samples ? 0 : 1;
