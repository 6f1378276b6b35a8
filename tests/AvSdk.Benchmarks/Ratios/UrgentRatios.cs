using System.Diagnostics;
using AvSdk.Gateway.Mqtt;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using AvSdk.Testing;
using AvSdk.Uplink;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// An event is recorded while a full spool goes over a link of 1 MB/s: how long after it is durable its first byte leaves
/// the link, and how many bytes of the others went before it. The vehicle, the link and the gateway are in this process; over
/// MQTT a broker is between link and gateway.
/// </summary>
internal static class UrgentRatios
{
    private const int BytesPerSecond = 1_000_000;
    private const int PartBytes = 256 << 10;
    private const int Events = 7;
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1.5);

    public static async Task MeasureAsync(List<Ratio> ratios, List<string> notes)
    {
        await using (InProcessGateway gateway = await InProcessGateway.StartAsync(CancellationToken.None))
        {
            await using CountingProxy link = new(gateway.Address.Port, BytesPerSecond);
            await MeasureAsync(ratios, "", "event", link, new GrpcUplink($"http://127.0.0.1:{link.Port}"));
        }

        if (MqttRatios.Broker.Find() is not { } command)
        {
            notes.Add("urgent over MQTT: no mosquitto command; install the package mosquitto");
            return;
        }

        using MqttRatios.Broker broker = await MqttRatios.Broker.StartAsync(command);
        GatewayMqttOptions mqtt = new() { Address = $"mqtt://127.0.0.1:{broker.Port}", Name = "bench" };
        await using (InProcessGateway gateway = await InProcessGateway.StartAsync(
            null, options => options.Mqtt = mqtt, null, CancellationToken.None))
        {
            await using CountingProxy link = new(broker.Port, BytesPerSecond);
            await using MqttUplink uplink = new(
                $"mqtt://127.0.0.1:{link.Port}", new MqttUplinkOptions { VehicleId = FullSpool.VehicleId });
            await MeasureAsync(ratios, "_mqtt", "event over MQTT", link, uplink);
        }
    }

    private static async Task MeasureAsync(List<Ratio> ratios, string suffix, string what, CountingProxy link, IUplink uplink)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("avsdk-bench-urgent-");
        try
        {
            await FullSpool.FillAsync(folder.FullName, (Events + 5) * 4L * BytesPerSecond, 4 << 20);
            RecorderPorts ports = new() { Uplink = uplink };
            LocalRecorder recorder =
                await LocalRecorder.OpenAsync(FullSpool.Options(folder.FullName, 4 << 20), ports, CancellationToken.None);
            await using (recorder)
            {
                RecordingChannel channel =
                    recorder.Channel(new ChannelSpec { Topic = "/event", MessageEncoding = "raw", Lane = "events" });
                // The first defines the channel.
                await MeasureOneAsync(recorder, channel, link, 0);
                double[] milliseconds = new double[Events];
                double[] ahead = new double[Events];
                for (int at = 0; at < Events; at++)
                    (milliseconds[at], ahead[at]) = await MeasureOneAsync(recorder, channel, link, (uint)at + 1);
                CodecRatios.Check(recorder.Status.Lanes.Single(static lane => lane.Name == "sensors").PendingBytes > 0,
                    "the queue was empty before the last event");
                ratios.Add(new Ratio("urgent" + suffix, $"{what} behind a full queue at 1 MB/s, first byte", Pair.Median(milliseconds), "ms", "our limit", 300));
                ratios.Add(new Ratio($"urgent{suffix}_worst", "the same, the slowest of 7", milliseconds.Max(), "ms", "our limit", 300));
                ratios.Add(new Ratio($"urgent{suffix}_ahead", "the same, bytes of others that go before it", Pair.Median(ahead) / 1000, "kB", "a part", PartBytes / 1000.0));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(double Milliseconds, double BytesAhead)> MeasureOneAsync(
        LocalRecorder recorder, RecordingChannel channel, CountingProxy link, uint number)
    {
        await Task.Delay(s_between);
        byte[] payload = new byte[16 << 10];
        new Random((int)number + 100).NextBytes(payload);
        TaskCompletionSource<(long At, long Up)> left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] before = [];
        link.Seen = (bytes, up) =>
        {
            byte[] window = [.. before, .. bytes.Span];
            int hit = window.AsSpan().IndexOf(payload.AsSpan(0, 64));
            if (hit >= 0)
                left.TrySetResult((Stopwatch.GetTimestamp(), up - before.Length + hit));
            before = window[Math.Max(0, window.Length - 63)..];
        };
        WriteResult result = channel.WriteRaw(new MessageStamp(2_000_000_000UL + number, 0, number + 1), payload);
        CodecRatios.Check(result == WriteResult.Accepted, $"the event was {result}");
        await recorder.FlushAsync(CancellationToken.None);
        long start = Stopwatch.GetTimestamp();
        long upBefore = link.Up;
        (long at, long ahead) = await left.Task.WaitAsync(TimeSpan.FromSeconds(30));
        link.Seen = null;
        return (Stopwatch.GetElapsedTime(start, at).TotalMilliseconds, Math.Max(0, ahead - upBefore));
    }
}
