using System.Diagnostics;
using AvSdk.Contracts.Foxglove;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Mqtt;
using AvSdk.Query;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using AvSdk.Sources;
using AvSdk.Testing;
using AvSdk.Uplink;
using Google.Protobuf;
using Spectre.Console;

namespace AvSdk.Quickstart;

/// <summary>The whole way of the data in one process: record, lose the link, ship, store, query, compare.</summary>
internal static class QuickstartRun
{
    private const string VehicleId = "veh-001";

    public static async Task<int> RunAsync(QuickstartOptions options, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        if (Console.IsOutputRedirected)
        {
            // A file or a pipe: no colours, and lines as wide as the table needs them.
            AnsiConsole.Profile.Capabilities.Ansi = false;
            AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
            AnsiConsole.Profile.Width = 160;
        }

        DriveSource source = DriveSource.Of(options);
        using TemporaryFolder folder = new("avsdk-quickstart");
        using LoopbackBroker? broker =
            options.OverMqtt ? await LoopbackBroker.StartAsync(folder.Of("broker"), cancellationToken) : null;
        if (options.OverMqtt && broker is null)
        {
            Console.Error.WriteLine("--uplink mqtt needs a broker, and there is no mosquitto command: install the package "
                + "mosquitto (apt-get install mosquitto, brew install mosquitto), or leave the option out.");
            return 1;
        }

        await using InProcessGateway gateway = await InProcessGateway.StartAsync(
            null, gateway => gateway.Mqtt = broker is null ? null : new GatewayMqttOptions { Address = broker.Address }, null,
            cancellationToken);
        await using MqttUplink? overBroker =
            broker is null ? null : new MqttUplink(broker.Address, new MqttUplinkOptions { VehicleId = VehicleId });
        IUplink uplink = overBroker is null ? new GrpcUplink(gateway.Address.ToString()) : overBroker;
        using FaultyLink link = new(uplink, TimeProvider.System);

        AnsiConsole.MarkupLineInterpolated($"[bold]AvSdk quickstart[/]: {source.Name}");
        AnsiConsole.MarkupLineInterpolated($"gateway  {gateway.Address} (in this process)");
        if (broker is not null)
            AnsiConsole.MarkupLineInterpolated($"broker   {broker.Address} (mosquitto)");

        DriveSource.Truth truth = null!;
        LedgerSummary ledger = LedgerSummary.Empty;
        DriveHash queried = new();
        List<(string Topic, string Type, ulong Messages)> typed = [];
        await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RateColumn())
            .StartAsync(async progress =>
            {
                DriveProgress bars = new(progress);
                truth = await Task.Run(() => source.ReadTruth(cancellationToken), cancellationToken);
                ledger = await RecordAsync(source, link, folder.Of("spool"), truth, bars, cancellationToken);
                await using AvClient client = AvClient.Connect(gateway.Address.ToString());
                await ReadAllAsync(client, queried, bars, cancellationToken);
                typed = await ReadTypedAsync(client, truth, cancellationToken);
            });

        QuickstartReport report = new(
            truth, queried, ledger, typed, Stopwatch.GetElapsedTime(start), link.BytesSent,
            $"{gateway.WebAddress}v1/export.mcap?vehicle={VehicleId}");
        report.Print();
        if (options.Json)
            Console.WriteLine(report.ToJson());
        else
            await ServeUntilKeyAsync(cancellationToken);
        return report.IsIdentical ? 0 : 1;
    }

    private static async Task<LedgerSummary> RecordAsync(
        DriveSource source, FaultyLink link, string spoolFolder, DriveSource.Truth truth, DriveProgress bars,
        CancellationToken cancellationToken)
    {
        RecorderOptions recorderOptions = new() { VehicleId = VehicleId, SpoolFolder = spoolFolder };
        await using LocalRecorder recorder = await LocalRecorder.OpenAsync(
            recorderOptions, new RecorderPorts { Uplink = link }, cancellationToken);
        bars.Begin(truth.Hash.Messages, truth.Hash.PayloadBytes);

        // The link goes at a third of the drive and comes back at two thirds; recording takes no notice.
        SynchronousProgress<SourceProgress> onProgress = new(done =>
        {
            bars.Recorded(done.Messages, recorder.Ledger.Delivered);
            if (done.Messages * 3 >= truth.Hash.Messages * 2)
                bars.Link(link.Restore, isUp: true);
            else if (done.Messages * 3 >= truth.Hash.Messages)
                bars.Link(link.Cut, isUp: false);
        });
        await source.RecordAsync(recorder, onProgress, cancellationToken);
        bars.Link(link.Restore, isUp: true);
        await recorder.FlushAsync(cancellationToken);

        Task drained = recorder.DrainAsync(cancellationToken);
        while (await Task.WhenAny(drained, Task.Delay(100, cancellationToken)) != drained)
            bars.Recorded(truth.Hash.Messages, recorder.Ledger.Delivered);
        await drained;
        bars.Recorded(truth.Hash.Messages, recorder.Ledger.Delivered);
        return recorder.Ledger;
    }

    private static async Task ReadAllAsync(
        AvClient client, DriveHash queried, DriveProgress bars, CancellationToken cancellationToken)
    {
        await foreach (RawMessage message in client.Query().Vehicles(VehicleId).ReadRawAsync(cancellationToken))
        {
            queried.Add(message.Topic, message.LogTime, message.Sequence, message.Payload.Span);
            if (queried.Messages % 256 == 0)
                bars.Queried(queried.Messages);
        }

        bars.Queried(queried.Messages);
    }

    /// <summary>Reads by type every topic whose type this program knows; a partner's own types go the same way.</summary>
    private static async Task<List<(string Topic, string Type, ulong Messages)>> ReadTypedAsync(
        AvClient client, DriveSource.Truth truth, CancellationToken cancellationToken)
    {
        List<(string, string, ulong)> read = [];
        foreach ((string topic, string schema) in truth.Schemas.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            ulong? messages = schema switch
            {
                "av.v1.Imu" => await CountAsync<Imu>(client, topic, cancellationToken),
                "av.v1.CanFrame" => await CountAsync<CanFrame>(client, topic, cancellationToken),
                "av.v1.VehicleState" => await CountAsync<VehicleState>(client, topic, cancellationToken),
                "av.v1.RadarTracks" => await CountAsync<RadarTracks>(client, topic, cancellationToken),
                "foxglove.CompressedImage" => await CountAsync<CompressedImage>(client, topic, cancellationToken),
                "foxglove.PointCloud" => await CountAsync<PointCloud>(client, topic, cancellationToken),
                "foxglove.LocationFix" => await CountAsync<LocationFix>(client, topic, cancellationToken),
                "foxglove.PoseInFrame" => await CountAsync<PoseInFrame>(client, topic, cancellationToken),
                "foxglove.FrameTransforms" => await CountAsync<FrameTransforms>(client, topic, cancellationToken),
                "foxglove.Log" => await CountAsync<Log>(client, topic, cancellationToken),
                _ => null,
            };
            if (messages is { } count)
                read.Add((topic, schema, count));
        }

        return read;
    }

    private static async Task<ulong> CountAsync<T>(AvClient client, string topic, CancellationToken cancellationToken)
        where T : class, IMessage<T>, new()
    {
        ulong messages = 0;
        await foreach (Message<T> message in client.Query().Vehicles(VehicleId).ReadAsync<T>(topic, cancellationToken))
            messages += message.Value is null ? 0UL : 1UL;
        return messages;
    }

    private static async Task ServeUntilKeyAsync(CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
            return;
        Console.WriteLine("\nThe gateway serves the export until you press a key.");
        await Task.Run(() => Console.ReadKey(intercept: true), cancellationToken).WaitAsync(cancellationToken);
    }
}
