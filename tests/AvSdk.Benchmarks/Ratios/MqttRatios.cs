using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AvSdk.Mqtt;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>Our MQTT client against mosquitto's own, through one broker on loopback.</summary>
internal static class MqttRatios
{
    private const int PayloadBytes = 256 * 1024;
    private const int UnderWay = 20;
    private const int MessagesARound = 200;
    private const int SmallBytes = 1000;
    private const int SmallARound = 4000;
    private const int Rounds = 15;

    public static async Task MeasureAsync(List<Ratio> ratios, List<string> notes)
    {
        if (Broker.Find() is not { } command)
        {
            notes.Add("MQTT: no mosquitto command; install the package mosquitto");
            return;
        }

        if (!LibMosquitto.IsInstalled)
        {
            notes.Add("MQTT: no libmosquitto.so.1; install the package libmosquitto1");
            return;
        }

        using Broker broker = await Broker.StartAsync(command);
        MqttClientOptions options = new() { Address = new($"mqtt://127.0.0.1:{broker.Port}") };
        byte[] payload = new byte[PayloadBytes];
        Random.Shared.NextBytes(payload);
        await using MqttClient ours = await MqttClient.ConnectAsync(options);
        using LibMosquitto theirs = new(broker.Port, UnderWay);
        Paired large = await RunAsync(
            (long)PayloadBytes * MessagesARound,
            () => PublishAsync(ours, payload, MessagesARound),
            () => Task.Run(() => theirs.Publish("parts", payload, MessagesARound)));
        ratios.Add(large.As("mqtt_publish", "MQTT publish, QoS 1, 256 KiB, 20 under way", "MB/s", "libmosquitto"));
        byte[] small = payload[..SmallBytes];
        Paired few = await RunAsync(
            (long)SmallBytes * SmallARound,
            () => PublishAsync(ours, small, SmallARound),
            () => Task.Run(() => theirs.Publish("parts", small, SmallARound)));
        ratios.Add(few.As("mqtt_publish_small", "MQTT publish, QoS 1, 1 kB, 20 under way", "MB/s", "libmosquitto"));

        await using MqttClient publisher = await MqttClient.ConnectAsync(options);
        await using MqttClient subscriber = await MqttClient.ConnectAsync(options with { ReceiveMaximum = UnderWay });
        Paired subscribed = await RunAsync(
            (long)PayloadBytes * MessagesARound,
            async () =>
            {
                await subscriber.SubscribeAsync("parts");
                Task receiving = ReceiveAsync(subscriber, MessagesARound);
                await PublishAsync(publisher, payload, MessagesARound);
                await receiving;
                await subscriber.UnsubscribeAsync(["parts"]);
            },
            async () =>
            {
                theirs.Subscribe("parts");
                Task receiving = theirs.ReceiveAsync(MessagesARound);
                await PublishAsync(publisher, payload, MessagesARound);
                await receiving;
                theirs.Unsubscribe("parts");
            });
        ratios.Add(subscribed.As("mqtt_subscribe", "MQTT subscriber, QoS 1, 256 KiB, our publisher", "MB/s", "libmosquitto"));
    }

    private static async Task PublishAsync(MqttClient client, byte[] payload, int times)
    {
        Queue<Task<MqttPublishOutcome>> underWay = new();
        for (int i = 0; i < times; i++)
        {
            if (underWay.Count == UnderWay)
                CodecRatios.Check((await underWay.Dequeue()).IsDelivered, "a publication was not delivered");
            underWay.Enqueue(client.PublishAsync("parts", payload, MqttPublishOptions.AtLeastOnce).AsTask());
        }

        while (underWay.TryDequeue(out Task<MqttPublishOutcome>? task))
            CodecRatios.Check((await task).IsDelivered, "a publication was not delivered");
    }

    private static async Task ReceiveAsync(MqttClient client, int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            using MqttMessage message = (await client.Messages.ReadAsync())!;
            CodecRatios.Check(message.Payload.Length == PayloadBytes, "a message of another length");
        }
    }

    // The wall clock: two processes and several threads are at work on each side.
    private static async Task<Paired> RunAsync(long bytes, Func<Task> ours, Func<Task> theirs)
    {
        for (int i = 0; i < 3; i++)
        {
            await ours();
            await theirs();
        }

        double[] theirSeconds = new double[Rounds];
        double[] ratios = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            bool isOursFirst = round % 2 == 0;
            double first = await SecondsAsync(isOursFirst ? ours : theirs);
            double second = await SecondsAsync(isOursFirst ? theirs : ours);
            theirSeconds[round] = isOursFirst ? second : first;
            ratios[round] = isOursFirst ? second / first : first / second;
        }

        double theirSpeed = Pair.MegabytesPerSecond(bytes, Pair.Median(theirSeconds));
        double ratio = Pair.Median(ratios);
        return new Paired(theirSpeed * ratio, theirSpeed, ratios[Rounds / 4], ratios[Rounds - 1 - (Rounds / 4)]);
    }

    private static async Task<double> SecondsAsync(Func<Task> body)
    {
        long start = Stopwatch.GetTimestamp();
        await body();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>A mosquitto for the measurement, on a port of its own.</summary>
    internal sealed class Broker : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("avsdk-bench-mosquitto-");
        private Process? _process;

        private Broker()
        {
            using TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        public int Port { get; }

        public static string? Find()
            => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin".Split(':')
                .Select(folder => Path.Combine(folder, "mosquitto")).FirstOrDefault(File.Exists);

        public static async Task<Broker> StartAsync(string command)
        {
            Broker broker = new();
            string configuration = Path.Combine(broker._folder.FullName, "mosquitto.conf");
            await File.WriteAllTextAsync(configuration,
                $"listener {broker.Port} 127.0.0.1\nallow_anonymous true\nlog_dest stderr\nlog_type information\n"
                + "connection_messages false\nuser root\nmax_queued_messages 0\nset_tcp_nodelay true\n");
            broker._process = Process.Start(new ProcessStartInfo(command, ["-c", configuration]) { RedirectStandardError = true })!;
            while (await broker._process.StandardError.ReadLineAsync() is { } line)
            {
                if (line.EndsWith(" running", StringComparison.Ordinal))
                    return broker;
            }

            throw new InvalidOperationException("mosquitto ended at once.");
        }

        public void Dispose()
        {
            _process!.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _folder.Delete(recursive: true);
        }
    }
}
