using System.Globalization;
using AvSdk.Query;

namespace AvSdk.SystemTests.Processes;

/// <summary>A gateway's data folder and port; the gateway may be started again and again.</summary>
internal sealed class GatewaySetup : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort.Take();

    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}");

    public string DataFolder => _folder.At("data");

    /// <summary>Further arguments.</summary>
    public IReadOnlyList<string> Further { get; init; } = [];

    /// <summary>Starts the gateway and returns when it answers.</summary>
    public async Task<TestProcess> StartAsync()
    {
        TestProcess gateway = Start(Address);
        try
        {
            await gateway.WaitForLineAsync("avgateway listening");
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public TestProcess Start() => Start(Address);

    public TestProcess Start(string address) =>
        TestProcess.Start(Executable.Gateway, ["run", "--data", DataFolder, "--listen", address, "--web", "none", .. Further]);

    /// <summary>Messages of a vehicle that can be read.</summary>
    public async Task<ulong> CountAsync(string vehicle)
    {
        await using AvClient client = AvClient.Connect(Address);
        ulong messages = 0;
        await foreach (RawMessage _ in client.Query().Vehicles(vehicle).ReadRawAsync(TestContext.Current.CancellationToken))
            messages++;
        return messages;
    }

    /// <summary>
    /// What <c>avgateway ledger</c> prints of a recording beside the running gateway, once it names so many messages as
    /// delivered and the ledger as ended.
    /// </summary>
    public async Task<string> WaitForLedgerAsync(Guid recording, int delivered)
    {
        while (true)
        {
            string shown = await LedgerAsync(recording);
            if (shown.Contains($" {delivered} delivered", StringComparison.Ordinal)
                && shown.Contains("ledger ended", StringComparison.Ordinal))
            {
                return shown;
            }

            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What <c>avgateway ledger</c> prints of a recording now.</summary>
    public async Task<string> LedgerAsync(Guid recording)
    {
        await using TestProcess shown = await TestProcess.RunAsync(
            Executable.Gateway, "ledger", recording.ToString(), "--data", DataFolder);
        return shown.Output;
    }

    public void Dispose() => _folder.Dispose();
}
