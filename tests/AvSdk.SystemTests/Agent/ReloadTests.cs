using System.Security.Cryptography;
using System.Text;
using AvSdk.Ingestion;
using AvSdk.Recording;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

public sealed class ReloadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hang_up_puts_a_new_configuration_in_force_and_a_bad_one_changes_nothing()
    {
        using AgentSetup setup = new();
        await using TestProcess agent = await setup.StartAsync();
        await using SocketRecorder recorder = await Recorder.ConnectAsync(setup.SocketAddress, Token);
        RecordingChannel channel = recorder.Channel(new ChannelSpec { Topic = "/t", MessageEncoding = "json" });
        Write(channel, 1);
        await recorder.FlushAsync(Token);
        string good = await File.ReadAllTextAsync(setup.ConfigFile, Token);

        await File.WriteAllTextAsync(
            setup.ConfigFile, good.Replace("\"veh-test\"", "\"veh-other\"", StringComparison.Ordinal), Token);
        agent.Signal(TestProcess.SigHup);
        await agent.WaitForLineAsync("is refused: 1 problems");
        Assert.Contains("vehicle.id = veh-other: Cannot change at run time", agent.Errors, StringComparison.Ordinal);
        Assert.Contains("vehicle.id", await StatusAsync(setup), StringComparison.Ordinal);

        int end = good.LastIndexOf('}');
        await File.WriteAllTextAsync(
            setup.ConfigFile, good[..end] + ", \"lanes\": [ { \"name\": \"fast\", \"durability\": \"sync\" } ] }", Token);
        agent.Signal(TestProcess.SigHup);
        await agent.WaitForLineAsync("was read again and is in force");
        Write(channel, 2);
        await recorder.FlushAsync(Token);
        string status = await StatusAsync(setup);
        Assert.Contains("\"problems\":[]", status, StringComparison.Ordinal);
        Assert.Contains("\"lane\":\"fast\"", status, StringComparison.Ordinal);

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal((2UL, 0UL), (figures["accepted"], figures["dropped"]));
    }

    [Fact]
    public async Task Another_signing_key_is_refused_in_another_file_and_in_the_same()
    {
        using AgentSetup setup = new()
        {
            Sections = """ "ledger": { "signingKeyFile": "ledger.pem" }, "upload": { "drainTimeout": "1 s" } """,
        };
        string keyFile = setup.At("ledger.pem");
        string key = NewKey();
        await File.WriteAllTextAsync(keyFile, key, Token);
        await File.WriteAllTextAsync(setup.At("other.pem"), NewKey(), Token);
        await using TestProcess agent = await setup.StartAsync();
        string good = await File.ReadAllTextAsync(setup.ConfigFile, Token);

        await File.WriteAllTextAsync(
            setup.ConfigFile, good.Replace("\"ledger.pem\"", "\"other.pem\"", StringComparison.Ordinal), Token);
        agent.Signal(TestProcess.SigHup);
        await agent.WaitForLineAsync("cannot change at run time: restart the agent to change it");
        Assert.Contains("ledger.signingKeyFile", await StatusAsync(setup), StringComparison.Ordinal);

        await File.WriteAllTextAsync(setup.ConfigFile, good, Token);
        await File.WriteAllTextAsync(keyFile, NewKey(), Token);
        agent.Signal(TestProcess.SigHup);
        await agent.WaitForLineAsync("The file holds another key");

        await File.WriteAllTextAsync(keyFile, key, Token);
        agent.Signal(TestProcess.SigHup);
        await agent.WaitForLineAsync("was read again and is in force");
        await AgentSetup.StopAsync(agent);
    }

    private static string NewKey()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportECPrivateKeyPem();
    }

    private static void Write(RecordingChannel channel, uint number) =>
        Assert.Equal(WriteResult.Accepted, channel.WriteRaw(new MessageStamp(number, number, number), "{}"u8));

    private static async Task<string> StatusAsync(AgentSetup setup) =>
        Encoding.UTF8.GetString(await AgentStatus.RequestAsync(setup.SocketAddress, Token));
}
