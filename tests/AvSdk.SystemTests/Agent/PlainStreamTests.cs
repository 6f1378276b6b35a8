using System.Text;
using AvSdk.Mcap;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

/// <summary>What programs without our SDK write into the socket.</summary>
public sealed class PlainStreamTests : IDisposable
{
    private const int Messages = 2_000;
    private readonly AgentSetup _setup = new();

    public void Dispose() => _setup.Dispose();

    [Theory]
    [InlineData("chunked")]
    [InlineData("unchunked")]
    public async Task What_the_official_writer_sends_is_recorded_as_it_is(string layout)
    {
        Executable node = InstalledNode.Require("@mcap/core");
        await using TestProcess agent = await _setup.StartAsync();
        string script = Path.Combine(SharedFiles.RepositoryRoot, "tests", "AvSdk.SystemTests", "Agent", "write.cjs");
        await using TestProcess writer = await TestProcess.RunAsync(
            node, script, _setup.SocketPath, $"{Messages}", layout);
        Assert.True(writer.ExitCode == 0, writer.Describe());

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);

        Assert.Equal((ulong)Messages, figures["accepted"]);
        AssertRecorded();
    }

    private void AssertRecorded()
    {
        uint number = 0;
        IEnumerable<string> segments = Directory.EnumerateFiles(
            _setup.SpoolFolder, "*.mcap", SearchOption.AllDirectories);
        foreach (string segment in segments.Order(StringComparer.Ordinal))
        {
            using FileStream stream = File.OpenRead(segment);
            using McapStreamReader reader = new(stream);
            while (reader.ReadMessage())
            {
                number++;
                Assert.Equal("/counter", reader.MessageChannel.Topic);
                Assert.Equal("Counter", reader.Schemas[reader.MessageChannel.SchemaId].Name);
                Assert.Equal(number, reader.Message.Sequence);
                Assert.Equal(1_700_000_000_000_000_000UL + number, reader.Message.LogTime);
                Assert.Equal($"{{\"number\":{number}}}", Encoding.UTF8.GetString(reader.Message.Data));
            }
        }

        Assert.Equal((uint)Messages, number);
    }
}
