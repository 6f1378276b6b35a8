using System.Net.Sockets;
using AvSdk.Ingestion;
using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Client;

/// <summary>
/// An agent's core, a recorder behind a socket, on a disk in memory. It can be killed: what the disk held at
/// that moment is what the next start finds.
/// </summary>
internal sealed class SocketBench : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("av-");
    private LocalRecorder? _recorder;
    private IngestSocketServer? _server;

    public SocketBench() => SocketPath = Path.Combine(_folder.FullName, "ingest.sock");

    public string SocketPath { get; }

    public string Address => "unix:" + SocketPath;

    public MemoryFiles Files { get; private set; } = new();

    public LocalRecorder Recorder => _recorder!;

    public IngestSocketServer Server => _server!;

    public RecorderOptions Options { get; init; } = new()
    {
        VehicleId = "veh-042",
        FreeBytesMin = 0,
        Lanes =
        [
            new LaneOptions
            {
                Name = "telemetry",
                Durability = LaneDurability.Interval(TimeSpan.FromMilliseconds(10)),
                ChunkWindow = TimeSpan.FromMilliseconds(20),
            },
            new LaneOptions { Name = "events", Durability = LaneDurability.Sync },
        ],
    };

    public IngestWhenFull WhenFull { get; init; }

    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public async Task StartAsync()
    {
        RecorderPorts ports = new() { Files = Files };
        _recorder = await LocalRecorder.OpenAsync(Options, ports, TestContext.Current.CancellationToken);
        _server = IngestSocketServer.Start(_recorder, new IngestSocketOptions
        {
            SocketPath = SocketPath,
            WhenFull = WhenFull,
            DrainTimeout = DrainTimeout,
            DurableInterval = TimeSpan.FromMilliseconds(1),
            RecordBytesMax = 32 << 20,
            Status = static _ => ValueTask.FromResult<ReadOnlyMemory<byte>>("""{"state":"recording"}"""u8.ToArray()),
        });
    }

    /// <summary>The process is gone; the disk keeps what had been written.</summary>
    public async Task KillAsync()
    {
        // First the socket, then the copy: what the client was told to be durable must be in it.
        await Server.DisposeAsync();
        MemoryFiles left = Files.Copy();
        await Recorder.DisposeAsync();
        Files = left;
    }

    /// <summary>Stops in order.</summary>
    public async Task StopAsync()
    {
        await Server.DisposeAsync();
        await Recorder.DisposeAsync();
        _server = null;
        _recorder = null;
    }

    public void ForgetDisk() => Files = new MemoryFiles();

    public Task<SocketRecorder> ConnectAsync(SocketRecorderOptions? options = null) => SocketRecorder.ConnectAsync(
        Address, options ?? FastRetry, TestContext.Current.CancellationToken);

    public static SocketRecorderOptions FastRetry { get; } = new()
    {
        RetryDelay = TimeSpan.FromMilliseconds(1),
        RetryDelayMax = TimeSpan.FromMilliseconds(20),
        StopTimeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>
    /// Sends bytes as a writer that knows nothing of us, and returns what the agent answered until it closed.
    /// </summary>
    public async Task<byte[]> SendAsync(ReadOnlyMemory<byte> stream)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), token);
        await using NetworkStream connection = new(socket);
        try
        {
            await connection.WriteAsync(stream, token);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (IOException)
        {
            // The agent closed before it had read all.
        }

        using MemoryStream answer = new();
        try
        {
            await connection.CopyToAsync(answer, token);
        }
        catch (IOException)
        {
            // It had not read all, so the kernel says that it was reset, after its last word.
        }

        return answer.ToArray();
    }

    /// <summary>Every message that the disk holds, by topic, in the order of the topic.</summary>
    public Dictionary<string, List<(uint Sequence, byte[] Payload)>> ReadAll() =>
        Files.Segments.SelectMany(name => Bench.ReadSegment(Files.Read(name)))
            .GroupBy(message => message.Topic)
            .ToDictionary(group => group.Key, group => group.Select(each => (each.Sequence, each.Payload)).ToList());

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await StopAsync();
        _folder.Delete(recursive: true);
    }
}
