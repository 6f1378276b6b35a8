using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AvSdk.Query;

namespace AvSdk.SystemTests.Processes;

/// <summary>A gateway's data folder and port; the gateway may be started again and again.</summary>
internal sealed class GatewaySetup : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort();

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
            await using TestProcess shown = await TestProcess.RunAsync(
                Executable.Gateway, "ledger", recording.ToString(), "--data", _folder.At("data"));
            if (shown.Output.Contains($" {delivered} delivered", StringComparison.Ordinal)
                && shown.Output.Contains("ledger ended", StringComparison.Ordinal))
            {
                return shown.Output;
            }

            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
