using AvSdk.Fuzz;
using AvSdk.Fuzz.Lz4;
using AvSdk.Fuzz.Mcap;
using AvSdk.Fuzz.Mqtt;

namespace AvSdk.Tests.Fuzz;

/// <summary>A short run of each subject; <c>tests/AvSdk.Fuzz</c> makes the long ones.</summary>
public sealed class FuzzTests
{
    private static readonly FuzzOptions s_options = new()
    {
        Runs = 3000,
        Seed = 20261121,
        Workers = 2,
        Artifacts = Path.Combine(SharedFiles.RepositoryRoot, "artifacts", "fuzz"),
    };

    [Fact]
    public void Every_MCAP_reader_keeps_its_promises_for_bad_input()
    {
        using StringWriter output = new();
        Assert.True(new FuzzSession(new McapSubject(McapCorpus.Load()), s_options, output).Run() == 0, output.ToString());
    }

    [Fact]
    public void Every_LZ4_reader_keeps_its_promises_for_bad_input()
    {
        using StringWriter output = new();
        using Lz4Subject subject = new();
        Assert.True(new FuzzSession(subject, s_options, output).Run() == 0, output.ToString());
    }

    [Fact]
    public void MQTT_packets_and_the_session_keep_their_promises_for_bad_input()
    {
        using StringWriter output = new();
        Assert.True(new FuzzSession(new MqttSubject(), s_options, output).Run() == 0, output.ToString());
    }

    [Fact]
    public void A_run_is_the_same_input_every_time_and_another_run_another()
    {
        McapSubject subject = new(McapCorpus.Load());
        FuzzCase first = subject.Make(new FuzzRandom(5, 77));
        FuzzCase again = subject.Make(new FuzzRandom(5, 77));
        FuzzCase other = subject.Make(new FuzzRandom(5, 78));
        Assert.Equal((first.ToString(), Convert.ToHexString(first.Bytes)), (again.ToString(), Convert.ToHexString(again.Bytes)));
        Assert.NotEqual(first.ToString(), other.ToString());
    }

    [Fact]
    public void A_broken_promise_is_counted_with_the_command_that_replays_it()
    {
        using StringWriter output = new();
        FuzzOptions options = s_options with { Runs = 3, Workers = 1, Artifacts = Path.Combine(Path.GetTempPath(), "avsdk-fuzz") };
        Assert.Equal(1, new FuzzSession(new Breaks(), options, output).Run());
        Assert.Contains("-- breaks --seed 20261121 --first-run 1 --runs 1", output.ToString(), StringComparison.Ordinal);
        Directory.Delete(options.Artifacts, recursive: true);
    }

    [Theory]
    [InlineData("mcap --runs 5 --seed 9", true)]
    [InlineData("all", true)]
    [InlineData("", false)]
    [InlineData("mcap --runs", false)]
    [InlineData("mcap --runs many", false)]
    [InlineData("zip", false)]
    public void Arguments_are_understood_or_refused(string arguments, bool isGood) =>
        Assert.Equal(isGood, FuzzOptions.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)) is not null);

    private sealed class Breaks : IFuzzSubject
    {
        private int _runs;

        public string Name => "breaks";

        public FuzzCase Make(FuzzRandom random) => new("none", []);

        public void Try(FuzzCase input, FuzzRandom random)
        {
            if (_runs++ == 1)
                throw new BrokenPromiseException("broken");
        }
    }
}
