using System.Security.Cryptography;
using System.Text.Json;
using AvSdk.Recording;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

public sealed class LedgerTests : IDisposable
{
    private const int Messages = 50;
    private readonly GatewaySetup _gateway = new();
    private readonly AgentSetup _agent;
    private readonly string _publicKey;

    public LedgerTests()
    {
        _agent = new AgentSetup
        {
            Gateway = _gateway.Address,
            Sections = """
                "ledger": { "signingKeyFile": "ledger.pem" },
                "upload": { "retryDelay": "50 ms", "retryDelayMax": "250 ms", "drainTimeout": "0 s" }
                """,
        };
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_agent.At("ledger.pem"), key.ExportPkcs8PrivateKeyPem());
        _publicKey = _agent.At("public.pem");
        File.WriteAllText(_publicKey, key.ExportSubjectPublicKeyInfoPem());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _agent.Dispose();
        _gateway.Dispose();
    }

    [Fact]
    public async Task The_ledger_is_told_from_the_spool_verified_offline_and_then_by_the_gateway()
    {
        Guid recording = await RecordAsync();
        await using TestProcess shown = await TestProcess.RunAsync(
            Executable.Agent, "ledger", "--spool", _agent.SpoolFolder, "--json");
        Assert.True(shown.ExitCode == 0, shown.Describe());
        using JsonDocument json = JsonDocument.Parse(shown.Output);
        JsonElement report = json.RootElement.GetProperty("recordings").EnumerateArray().Single();
        Assert.Equal(recording, report.GetProperty("recording").GetGuid());
        Assert.True(report.GetProperty("isComplete").GetBoolean());
        JsonElement topic = report.GetProperty("topics").EnumerateArray().Single();
        Assert.Equal((Messages, 3), (topic.GetProperty("pending").GetInt32(), topic.GetProperty("dropped").GetInt32()));

        string file = Path.Combine(_agent.SpoolFolder, $"{recording:D}.ledger");
        await using TestProcess verified = await TestProcess.RunAsync(
            Executable.Agent, "ledger", "verify", file, "--key", _publicKey);
        Assert.True(verified.ExitCode == 0, verified.Describe());
        Assert.Contains("ended=yes", verified.Output, StringComparison.Ordinal);

        byte[] bytes = await File.ReadAllBytesAsync(file, Token);
        bytes[^70] ^= 1;
        string forged = _agent.At("forged.ledger");
        await File.WriteAllBytesAsync(forged, bytes, Token);
        await using TestProcess refused = await TestProcess.RunAsync(Executable.Agent, "ledger", "verify", forged);
        Assert.Equal(1, refused.ExitCode);
        Assert.NotEmpty(refused.Errors);

        await using TestProcess gateway = await _gateway.StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        string told = await _gateway.WaitForLedgerAsync(recording, Messages);
        Assert.Contains("every message is accounted for", told, StringComparison.Ordinal);
        Assert.Contains($"{Messages + 3} messages, {Messages} delivered, 3 dropped (cable)", told, StringComparison.Ordinal);
        Assert.Contains("signed through", told, StringComparison.Ordinal);
        await AgentSetup.StopAsync(agent);
    }

    [Fact]
    public async Task A_key_that_cannot_sign_is_found_before_anything_is_started()
    {
        File.Copy(_publicKey, _agent.At("ledger.pem"), overwrite: true);
        _agent.WriteConfig();
        await using TestProcess check = await TestProcess.RunAsync(Executable.Agent, "check", "--config", _agent.ConfigFile);
        Assert.Equal(2, check.ExitCode);
        Assert.Contains("ledger.signingKeyFile", check.Errors, StringComparison.Ordinal);
    }

    private async Task<Guid> RecordAsync()
    {
        await using TestProcess agent = await _agent.StartAsync();
        await using (IRecorder recorder = await Recorder.ConnectAsync(_agent.SocketAddress, Token))
        {
            RecordingChannel channel = recorder.Channel(new ChannelSpec { Topic = "/raw", MessageEncoding = "raw" });
            for (uint number = 1; number <= Messages; number++)
                Assert.Equal(WriteResult.Accepted, channel.WriteRaw(new MessageStamp(number, number, number), new byte[100]));
            channel.CountLost(3, "cable");
            await recorder.FlushAsync(Token);
        }

        await AgentSetup.StopAsync(agent);
        string line = agent.Output.Split('\n').First(static line => line.StartsWith("recording ", StringComparison.Ordinal));
        return Guid.Parse(line.Split(' ')[1]);
    }
}
