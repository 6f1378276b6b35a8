using AvSdk.Gateway;
using AvSdk.Gateway.Mqtt;
using AvSdk.Mqtt;
using AvSdk.Recording.Uplink;
using AvSdk.Tests.Mqtt.Interop;
using AvSdk.Uplink;

namespace AvSdk.Tests.Uplink;

/// <summary>Over a broker as it comes.</summary>
public class MqttUploadTests : UploadContract
{
    private readonly List<MqttUplink> _uplinks = [];

    private protected Mosquitto Broker { get; private set; } = null!;

    private protected virtual string Configuration => "";

    private protected override IUplink NewUplink(string vehicleId)
    {
        MqttUplink uplink = new(Broker.Address.OriginalString, new MqttUplinkOptions
        {
            VehicleId = vehicleId,
            OpenTimeout = TimeSpan.FromMinutes(1),
        });
        _uplinks.Add(uplink);
        return uplink;
    }

    private protected override async Task<Action<GatewayOptions>?> StartAsync()
    {
        Broker = await Mosquitto.StartAsync(_ => Configuration);
        return options => options.Mqtt = new GatewayMqttOptions { Address = Broker.Address.OriginalString, Name = "gw-1" };
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (MqttUplink uplink in _uplinks)
            await uplink.DisposeAsync();
        await base.DisposeAsync();
        await Broker.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task<MqttClient> PeerAsync(params MqttSubscription[] subscriptions)
    {
        MqttClient peer = await MqttClient.ConnectAsync(new MqttClientOptions { Address = Broker.Address }, Ct);
        if (subscriptions.Length > 0)
            await peer.SubscribeAsync(subscriptions, null, Ct);
        return peer;
    }
}

/// <summary>Over a broker that takes no packet longer than 16 KiB: parts shrink, and other messages go in pieces.</summary>
public sealed class MqttSmallPacketUploadTests : MqttUploadTests
{
    private protected override string Configuration => "max_packet_size 16384";
}

/// <summary>
/// Over a broker that takes no packet longer than 2 KiB: a part is agreed to be longer, and goes in pieces as everything.
/// </summary>
public sealed class MqttTinyPacketUploadTests : MqttUploadTests
{
    private protected override string Configuration => "max_packet_size 2048";
}

/// <summary>Everything is delivered twice, both ways.</summary>
public sealed class MqttRepeatedUploadTests : MqttUploadTests
{
    private readonly CancellationTokenSource _ending = new();
    private MqttClient? _repeater;
    private Task _repeating = Task.CompletedTask;

    private protected override async Task<Action<GatewayOptions>?> StartAsync()
    {
        Action<GatewayOptions>? configure = await base.StartAsync();
        _repeater = await PeerAsync(
            new MqttSubscription("av/v1/g/+/+/+/+") { NoLocal = true },
            new MqttSubscription("av/v1/v/+/reply/+") { NoLocal = true },
            new MqttSubscription("av/v1/v/+/open") { NoLocal = true });
        _repeating = RepeatAsync(_repeater);
        return configure;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _ending.CancelAsync();
        await _repeating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _repeater!.DisposeAsync();
        _ending.Dispose();
    }

    private async Task RepeatAsync(MqttClient repeater)
    {
        await foreach (MqttMessage message in repeater.Messages.ReadAllAsync(_ending.Token))
        {
            MqttPublishOptions options = MqttPublishOptions.AtLeastOnce with
            {
                ResponseTopic = message.ResponseTopic,
                CorrelationData = message.CorrelationData,
            };
            await repeater.PublishAsync(message.Topic, message.Payload, options, _ending.Token);
            message.Dispose();
        }
    }
}
