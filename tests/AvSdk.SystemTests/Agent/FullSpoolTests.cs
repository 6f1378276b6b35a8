using System.Buffers;
using System.Net.Sockets;
using System.Security.Cryptography;
using AvSdk.Mcap;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

public sealed class FullSpoolTests : IDisposable
{
    private const int Messages = 12;
    private const int PayloadBytes = 1 << 20;
    private readonly GatewaySetup _gateway = new();
    private readonly AgentSetup _agent;

    public FullSpoolTests() => _agent = new AgentSetup
    {
        Gateway = _gateway.Address,
        WhenFull = "drop",
        Sections = """
            "lanes": [ { "name": "only", "quotaBytes": "4 MiB", "whenFull": "refuse", "chunkWindow": "50 ms" } ],
            "upload": { "retryDelay": "50 ms", "retryDelayMax": "250 ms", "drainTimeout": "20 s" }
            """,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _agent.Dispose();
        _gateway.Dispose();
    }

    [Fact]
    public async Task A_full_spool_refuses_and_counts_and_loses_nothing_that_was_accepted()
    {
        await using TestProcess agent = await _agent.StartAsync();
        await SendAsync();
        await using TestProcess status = await TestProcess.RunAsync(
            Executable.Agent, "status", "--socket", _agent.SocketPath);
        await using TestProcess gateway = await _gateway.StartAsync();

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);

        Assert.Equal((ulong)Messages, figures["accepted"] + figures["dropped"]);
        Assert.InRange(figures["accepted"], 1UL, 4UL);
        Assert.Equal(figures["accepted"], figures["delivered"]);
        Assert.Contains("dropped (spool_full)", status.Output, StringComparison.Ordinal);
        Assert.Equal(figures["accepted"], await _gateway.CountAsync(AgentSetup.Vehicle));
    }

    // As a program without the SDK writes: a plain stream, which the agent drops from.
    private async Task SendAsync()
    {
        ArrayBufferWriter<byte> stream = new();
        McapRecordWriter.WriteMagic(stream);
        McapRecordWriter.WriteHeader(stream, new McapHeader("", "test"));
        McapRecordWriter.WriteChannel(
            stream, new McapChannel(1, 0, "/raw", "application/octet-stream", new Dictionary<string, string>()));
        for (uint sequence = 1; sequence <= Messages; sequence++)
        {
            byte[] payload = RandomNumberGenerator.GetBytes(PayloadBytes);
            McapRecordWriter.WriteMessage(stream, new McapMessageView(1, sequence, sequence, sequence, payload));
        }

        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_agent.SocketPath), Token);
        await using NetworkStream network = new(socket, ownsSocket: false);
        await network.WriteAsync(stream.WrittenMemory, Token);
        socket.Shutdown(SocketShutdown.Send);
        // The agent closes when it has taken everything.
        byte[] rest = new byte[4096];
        while (await network.ReadAsync(rest, Token) > 0)
        {
        }
    }
}
