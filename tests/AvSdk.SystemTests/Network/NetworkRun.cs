using System.Globalization;
using System.Text.Json;
using AvSdk.Query;
using AvSdk.SystemTests.Faults;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Network;

/// <summary>
/// A car that records and a depot, each in a namespace. However the network was, at the end every message is there once, the
/// chunks are as many as were made, and the ledger says so.
/// </summary>
internal sealed class NetworkRun : IAsyncDisposable
{
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(120);

    private readonly AgentSetup _setup;
    private TestProcess? _agent;
    private NumberedSource? _source;

    private NetworkRun(NetworkLab lab, bool isMqtt, string? address)
    {
        Lab = lab;
        Depot = new Depot(lab, isMqtt);
        _setup = new AgentSetup
        {
            Gateway = address ?? Depot.CarAddress,
            GatewaySettings = """, "allowPlaintext": true""",
            // Parts are small, so that a chunk has several and a cut comes in one.
            Sections = NumberedTopic.Lanes() + """
                , "upload": { "retryDelay": "100 ms", "retryDelayMax": "2 s", "drainTimeout": "50 s", "partBytes": "16 KiB" }
                """,
        };
    }

    public NetworkLab Lab { get; }

    public Depot Depot { get; }

    public ulong Messages => _source!.Messages;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="isMqtt">Else over gRPC.</param>
    /// <param name="address">Where the car connects; null: at the depot.</param>
    public static async Task<NetworkRun> CreateAsync(bool isMqtt, string? address = null) =>
        new(await NetworkLab.CreateAsync(), isMqtt, address);

    /// <summary>Starts the agent, with a source that has nothing to say yet.</summary>
    public async Task StartCarAsync()
    {
        _agent = await _setup.StartAsync(through: Lab.InCar);
        _source = await NumberedSource.ConnectAsync(_setup);
    }

    /// <summary>Records so many bytes, as fast as they are taken; the link is busy for longer.</summary>
    public async Task RecordAsync(long bytes)
    {
        long until = _source!.Bytes + bytes;
        while (_source.Bytes < until)
            await _source.WriteRoundsAsync(1);
    }

    public async Task<long> DeliveredAsync() => (await UplinkAsync()).GetProperty("chunksDelivered").GetInt64();

    public async Task<long> AttemptsAsync() => (await UplinkAsync()).GetProperty("attempts").GetInt64();

    /// <summary>The car has found out that its link is gone, and tries again.</summary>
    public Task WaitForAttemptAsync(long after) =>
        WaitAsync(uplink => uplink.GetProperty("attempts").GetInt64() > after, "it connects again");

    public Task WaitAsync(Predicate<JsonElement> isSo, string what) =>
        AgentState.WaitAsync(_setup, status => isSo(status.GetProperty("uplink")), what);

    /// <summary>Lets something happen, and waits until more chunks have a receipt than before.</summary>
    public async Task DeliverAsync(Func<Task> happen)
    {
        long before = await DeliveredAsync();
        await happen();
        await WaitAsync(uplink => uplink.GetProperty("chunksDelivered").GetInt64() > before, "something is delivered");
    }

    /// <summary>Nothing more is recorded: waits until all is delivered, stops the agent, and looks at what came.</summary>
    public async Task<string> FinishAsync()
    {
        await _source!.FlushAsync();
        await DrainAsync();
        Guid recording = AgentSetup.RecordingOf(_agent!);
        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(_agent!);
        Assert.True(figures["delivered"] == Messages, Describe($"{figures["delivered"]} of {Messages} delivered"));
        Assert.Equal(0UL, figures["pending"] + figures["dropped"] + figures["evicted"] + figures["damaged"]);

        await using AvClient client = AvClient.Connect(Depot.QueryAddress);
        RecordingLedger ledger = await client.Recordings.LedgerAsync(recording, Token);
        Assert.True(ledger.IsComplete && ledger.Presence == LedgerPresence.Ended, Describe($"ledger {ledger.Presence}, complete {ledger.IsComplete}"));
        Assert.Equal(Messages, ledger.Topics.Aggregate(0UL, static (sum, topic) => sum + topic.Delivered));
        Assert.All(ledger.Topics, static topic => Assert.Equal(topic.Offered, topic.Delivered));
        Assert.Empty(ledger.Disagreements);
        Assert.All(ledger.Lanes, static lane => Assert.Equal(lane.LastSequence, lane.Delivered));
        RecordingEntry entry = (await client.Catalogue.RecordingsAsync(null, Token).ToListAsync(Token)).Single();
        Assert.Equal(ledger.Lanes.Aggregate(0UL, static (sum, lane) => sum + lane.LastSequence), entry.StoredChunks);
        Arrivals arrivals = await Arrivals.ReadAsync(client, AgentSetup.Vehicle, _source.Written);
        Assert.True(arrivals.Missing == 0, arrivals.ToString());
        return string.Create(CultureInfo.InvariantCulture,
            $"{_setup.Gateway}: {Messages} messages, {_source.Bytes} bytes, {entry.StoredChunks} chunks, each once");
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync();
        if (_agent is not null)
            await _agent.DisposeAsync();
        await Depot.DisposeAsync();
        _setup.Dispose();
        await Lab.DisposeAsync();
    }

    public string Describe(string what) => $"{what}\n{_agent?.Describe()}\n{Depot.Log}";

    private async Task<JsonElement> UplinkAsync() => (await AgentState.AskAsync(_setup)).GetProperty("uplink");

    private async Task DrainAsync()
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            JsonElement status = await AgentState.AskAsync(_setup);
            long pending = status.GetProperty("lanes").EnumerateArray()
                .Sum(static lane => lane.GetProperty("pendingChunks").GetInt64());
            if (pending == 0)
                return;
            Assert.True(
                TimeProvider.System.GetElapsedTime(begun) < s_drain, Describe($"{pending} chunks still pending after {s_drain}"));
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Token);
        }
    }
}
