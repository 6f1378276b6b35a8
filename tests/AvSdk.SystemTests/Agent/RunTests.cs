using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AvSdk.Ingestion;
using AvSdk.Recording;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

public sealed class RunTests : IDisposable
{
    private static readonly ChannelSpec Topic = new() { Topic = "/t", MessageEncoding = "json" };
    private readonly AgentSetup _setup = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _setup.Dispose();

    [Fact]
    public async Task Sigterm_flushes_seals_and_reports()
    {
        await using TestProcess agent = await _setup.StartAsync();
        await using SocketRecorder recorder = await Recorder.ConnectAsync(_setup.SocketAddress, Token);
        Write(recorder.Channel(Topic), 100);
        await recorder.FlushAsync(Token);

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);

        Assert.Equal(100UL, figures["accepted"]);
        Assert.Equal(100UL, figures["pending"]);
        Assert.Equal(0UL, figures["dropped"]);
        Assert.False(File.Exists(_setup.SocketPath));
        Assert.All(
            Directory.EnumerateFiles(_setup.SpoolFolder, "*.mcap", SearchOption.AllDirectories),
            segment => Assert.EndsWith("\u0089MCAP0\r\n", Encoding.Latin1.GetString(File.ReadAllBytes(segment)), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_line_names_the_recording_that_clients_are_told()
    {
        await using TestProcess agent = await _setup.StartAsync();
        await using SocketRecorder recorder = await Recorder.ConnectAsync(_setup.SocketAddress, Token);

        Assert.Contains($"recording {recorder.RecordingId} vehicle={AgentSetup.Vehicle} ", agent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused_and_counted_and_the_next_is_taken()
    {
        using AgentSetup setup = new() { Sections = """ "recorder": { "messageBytesMax": "100 kB" } """ };
        await using TestProcess agent = await setup.StartAsync();
        await using SocketRecorder recorder = await Recorder.ConnectAsync(setup.SocketAddress, Token);
        RecordingChannel channel = recorder.Channel(Topic);

        Assert.Equal(WriteResult.DroppedTooLarge, channel.WriteRaw(new MessageStamp(1, 1, 1), new byte[100_001]));
        Assert.Equal(WriteResult.Accepted, channel.WriteRaw(new MessageStamp(2, 2, 2), new byte[100_000]));
        await recorder.FlushAsync(Token);

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal(1UL, figures["accepted"]);
        Assert.Equal(1UL, figures["dropped"]);
    }

    [Fact]
    public async Task A_stream_with_the_wrong_magic_is_refused_with_the_reason_and_the_agent_goes_on()
    {
        await using TestProcess agent = await _setup.StartAsync();
        using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_setup.SocketPath), Token);
            await socket.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Token);
            string answer = await ReadToEndAsync(socket);
            Assert.Contains("magic", answer, StringComparison.OrdinalIgnoreCase);
        }

        await agent.WaitForLineAsync(line => line.Contains("magic", StringComparison.OrdinalIgnoreCase), "magic");
        await using SocketRecorder recorder = await Recorder.ConnectAsync(_setup.SocketAddress, Token);
        Write(recorder.Channel(Topic), 10);
        await recorder.FlushAsync(Token);
        Assert.Equal(10UL, (await AgentSetup.StopAsync(agent))["accepted"]);
    }

    [Fact]
    public async Task Status_tells_lanes_topics_and_uplink()
    {
        await using TestProcess agent = await _setup.StartAsync();
        await using SocketRecorder recorder = await Recorder.ConnectAsync(_setup.SocketAddress, Token);
        Write(recorder.Channel(Topic), 3);
        await recorder.FlushAsync(Token);

        await using TestProcess json = await TestProcess.RunAsync(
            Executable.Agent, "status", "--socket", _setup.SocketPath, "--json");
        await using TestProcess text = await TestProcess.RunAsync(
            Executable.Agent, "status", "--config", _setup.ConfigFile);

        Assert.True(json.ExitCode == 0 && text.ExitCode == 0, json.Describe() + text.Describe());
        using JsonDocument status = JsonDocument.Parse(json.Output);
        Assert.Equal(AgentSetup.Vehicle, status.RootElement.GetProperty("vehicle").GetString());
        JsonElement topic = Assert.Single(status.RootElement.GetProperty("topics").EnumerateArray());
        Assert.Equal(3, topic.GetProperty("accepted").GetInt32());
        Assert.Contains("/t", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_without_an_agent_says_where_nobody_answers()
    {
        await using TestProcess status = await TestProcess.RunAsync(
            Executable.Agent, "status", "--socket", _setup.At("none.sock"));

        Assert.Equal(1, status.ExitCode);
        Assert.Contains("none.sock", status.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_with_a_wrong_configuration_starts_nothing_and_reports_every_problem()
    {
        await File.WriteAllTextAsync(_setup.ConfigFile, "{ \"vehicle\": { \"id\": \"?\" } }", Token);
        await using TestProcess agent = await TestProcess.RunAsync(Executable.Agent, "run", "--config", _setup.ConfigFile);

        Assert.Equal(2, agent.ExitCode);
        Assert.Contains("3 problems", agent.Errors, StringComparison.Ordinal);
        Assert.Empty(agent.Output);
    }

    [Fact]
    public async Task A_second_agent_on_the_same_spool_is_refused_and_the_first_goes_on()
    {
        await using TestProcess first = await _setup.StartAsync();
        await using TestProcess second = await TestProcess.RunAsync(Executable.Agent, "run", "--config", _setup.ConfigFile);

        Assert.Equal(1, second.ExitCode);
        Assert.NotEmpty(second.Errors);
        await AgentSetup.StopAsync(first);
    }

    [Fact]
    public async Task A_simulated_vehicle_records_without_any_client()
    {
        using AgentSetup setup = new()
        {
            Sources = """ { "type": "simulated", "seed": 7, "duration": "2 s", "rate": 0 } """,
        };
        await using TestProcess agent = await setup.StartAsync();
        await agent.WaitForLineAsync("simulated vehicle has ended");

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);

        Assert.InRange(figures["accepted"], 2_000UL, 4_000UL);
        Assert.Equal(0UL, figures["dropped"]);
    }

    [Fact]
    public async Task Json_logging_writes_an_object_a_line()
    {
        using AgentSetup setup = new() { Sections = """ "logging": { "format": "json", "level": "debug" } """ };
        await using TestProcess agent = await setup.StartAsync();
        await AgentSetup.StopAsync(agent);

        Assert.NotEmpty(agent.Errors);
        foreach (string line in agent.Errors.Split('\n'))
        {
            using JsonDocument entry = JsonDocument.Parse(line);
            Assert.NotEmpty(entry.RootElement.GetProperty("message").GetString()!);
        }
    }

    private static void Write(RecordingChannel channel, uint messages)
    {
        for (uint sequence = 1; sequence <= messages; sequence++)
            Assert.Equal(WriteResult.Accepted, channel.WriteRaw(new MessageStamp(sequence, sequence, sequence), "{}"u8));
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(Deadlines.Step);
        await using NetworkStream stream = new(socket, ownsSocket: false);
        using StreamReader reader = new(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(deadline.Token);
    }
}
