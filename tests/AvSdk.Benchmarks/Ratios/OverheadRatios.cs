using AvSdk.Gateway.Mqtt;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using AvSdk.Testing;
using AvSdk.Uplink;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// What goes over the vehicle's socket beside the bytes of chunks, up and down, from connecting to the last receipt;
/// headers of IP and TCP are not in it.
/// </summary>
internal static class OverheadRatios
{
    public static async Task MeasureAsync(RatioSizes sizes, List<Ratio> ratios, List<string> notes)
    {
        await AddAsync(sizes, ratios, null);
        if (MqttRatios.Broker.Find() is not { } command)
        {
            notes.Add("overhead over MQTT: no mosquitto command; install the package mosquitto");
            return;
        }

        using MqttRatios.Broker broker = await MqttRatios.Broker.StartAsync(command);
        await AddAsync(sizes, ratios, broker.Port);
    }

    private static async Task AddAsync(RatioSizes sizes, List<Ratio> ratios, int? brokerPort)
    {
        string name = brokerPort is null ? "gRPC" : "MQTT";
        double large = await MeasureOneAsync(sizes.Bytes / 4, 4 << 20, brokerPort);
        double small = await MeasureOneAsync(sizes.Bytes / 16, 64 << 10, brokerPort);
        string key = name.ToLowerInvariant();
        ratios.Add(new Ratio($"overhead_{key}", $"{name}, bytes beside those of 4 MiB chunks", large, "%", "our limit", 1));
        ratios.Add(new Ratio($"overhead_{key}_small", $"{name}, bytes beside those of 64 KiB chunks", small, "%", "our limit", 5));
    }

    private static async Task<double> MeasureOneAsync(long bytes, int chunkBytes, int? brokerPort)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("avsdk-bench-overhead-");
        try
        {
            await FullSpool.FillAsync(folder.FullName, bytes, chunkBytes);
            await using InProcessGateway gateway = await InProcessGateway.StartAsync(
                null,
                options => options.Mqtt = brokerPort is null
                    ? null
                    : new GatewayMqttOptions { Address = $"mqtt://127.0.0.1:{brokerPort}", Name = "bench-" + folder.Name[^4..] },
                null, CancellationToken.None);
            await using CountingProxy link = new(brokerPort ?? gateway.Address.Port);
            await using MqttUplink? overBroker = brokerPort is null
                ? null
                : new MqttUplink($"mqtt://127.0.0.1:{link.Port}", new MqttUplinkOptions { VehicleId = FullSpool.VehicleId });
            IUplink uplink = overBroker ?? (IUplink)new GrpcUplink($"http://127.0.0.1:{link.Port}");
            LocalRecorder recorder = await LocalRecorder.OpenAsync(
                FullSpool.Options(folder.FullName, chunkBytes), new RecorderPorts { Uplink = uplink }, CancellationToken.None);
            await using (recorder)
            {
                await recorder.DrainAsync(CancellationToken.None);
                long body = recorder.Status.Uplink.PartBytes;
                CodecRatios.Check(body >= bytes, "not all was sent");
                return 100.0 * (link.Up + link.Down - body) / body;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
