using System.Globalization;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Network;

/// <summary>What runs in the depot: a gateway, and where vehicles come over MQTT a mosquitto.</summary>
internal sealed class Depot(NetworkLab lab, bool isMqtt) : IAsyncDisposable
{
    public const int BrokerPort = 1883;
    public const int GatewayPort = 7443;

    private readonly TemporaryFolder _folder = new();
    private TestProcess? _gateway, _broker;

    /// <summary>Where the test asks the gateway.</summary>
    public string QueryAddress => string.Create(CultureInfo.InvariantCulture, $"http://{lab.ManagementAddress}:{GatewayPort}");

    /// <summary>Where a car connects.</summary>
    public string CarAddress => isMqtt
        ? string.Create(CultureInfo.InvariantCulture, $"mqtt://{NetworkLab.DepotAddress}:{BrokerPort}")
        : string.Create(CultureInfo.InvariantCulture, $"http://{NetworkLab.DepotAddress}:{GatewayPort}");

    public string Log => _gateway?.Describe() + _broker?.Describe();

    public async Task StartAsync()
    {
        if (isMqtt)
            await StartBrokerAsync();
        await StartGatewayAsync();
    }

    public async Task StartGatewayAsync()
    {
        string[] run =
        [
            "run", "--data", _folder.At("data"), "--listen", $"http://0.0.0.0:{GatewayPort}", "--web", "none",
            "--allow-unauthenticated-network",
        ];
        string[] mqtt = isMqtt ? ["--mqtt", $"mqtt://127.0.0.1:{BrokerPort}", "--mqtt-name", "gw-1"] : [];
        _gateway = lab.StartInDepot(Executable.Gateway, [.. run, .. mqtt]);
        await _gateway.WaitForLineAsync("avgateway listening");
    }

    public async Task StartBrokerAsync()
    {
        string mosquitto = InstalledTool.Require("mosquitto", "mosquitto");
        string configuration = _folder.At("mosquitto.conf");
        await File.WriteAllTextAsync(configuration, $"listener {BrokerPort} 0.0.0.0\nallow_anonymous true\nlog_dest stderr\nuser root\n");
        _broker = lab.StartInDepot(
            new Executable(mosquitto, "installed", new Dictionary<string, string>()), "-c", configuration);
        await _broker.WaitForLineAsync(" running");
    }

    public Task KillGatewayAsync() => KillAsync(ref _gateway);

    public Task KillBrokerAsync() => KillAsync(ref _broker);

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task EndAsync(TestProcess process)
    {
        await process.KillAsync();
        await process.DisposeAsync();
    }

    private static Task KillAsync(ref TestProcess? process)
    {
        TestProcess running = process!;
        process = null;
        return EndAsync(running);
    }
}
