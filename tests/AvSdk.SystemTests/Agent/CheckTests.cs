using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

public sealed class CheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_sample_configuration_has_no_problem_but_the_folders_of_a_car()
    {
        string sample = await File.ReadAllTextAsync(
            Path.Combine(SharedFiles.RepositoryRoot, "agent", "AvAgent", "deploy", "agent.json"),
            TestContext.Current.CancellationToken);
        string here = sample.Replace("/var/lib/avagent/", _folder.Path + "/", StringComparison.Ordinal)
            .Replace("/run/avagent/", _folder.Path + "/", StringComparison.Ordinal);

        await using TestProcess check = await CheckAsync(here);

        Assert.True(check.ExitCode == 0, check.Describe());
        Assert.EndsWith(": ok", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_errors_are_three_problems_each_with_key_value_and_remedy()
    {
        await using TestProcess check = await CheckAsync($$"""
            {
              "vehicle": { "id": "veh-1" },
              "spool": { "folder": "{{_folder.Path}}/spool" },
              "lanes": [ { "name": "telemetry", "durability": "sometimes" } ],
              "sources": [ { "type": "socket", "pth": "ingest.sock" } ],
            }
            """);

        Assert.Equal(2, check.ExitCode);
        Assert.Contains(": 3 problems", check.Errors, StringComparison.Ordinal);
        AssertProblem(check, "lanes[0].durability", "\"sometimes\"", "Expected one of \"memory\", \"interval\", \"sync\".");
        AssertProblem(check, "sources[0].path", "(missing)", "ingest.sock");
        AssertProblem(check, "sources[0].pth", "\"ingest.sock\"", "Did you mean \"path\"?");
    }

    [Theory]
    [InlineData("""{ "vehicle": 7 }""", "vehicle", "7", "Expected an object")]
    [InlineData("""{ "vehicle": { "id": true } }""", "vehicle.id", "true", "Expected a text")]
    [InlineData("""{ "vehicle": { "id": "a", "labels": { "k": 1 } } }""", "vehicle.labels.k", "1", "Expected a text")]
    [InlineData("{}", "vehicle", "(missing)", "required")]
    [InlineData("{}", "spool", "(missing)", "required")]
    [InlineData("{}", "sources", "(missing)", "at least one source")]
    [InlineData("""{ "sources": [] }""", "sources", "[]", "at least one source")]
    [InlineData("""{ "sources": [ 3 ] }""", "sources[0]", "3", "Expected an object")]
    [InlineData("""{ "sources": [ { "type": "sokcet" } ] }""", "sources[0].type", "\"sokcet\"", "Did you mean \"socket\"?")]
    [InlineData("""{ "sources": [ { "type": "socket", "path": "a", "mode": "999" } ] }""", "sources[0].mode", "\"999\"", "octal")]
    [InlineData("""{ "sources": [ { "type": "replay", "file": "no.mcap" } ] }""", "sources[0].file", "\"no.mcap\"", "No such file")]
    [InlineData("""{ "sources": [ { "type": "replay", "rate": -1 } ] }""", "sources[0].rate", "-1", "from 0 to 1000")]
    [InlineData("""{ "live": [ { "topics": "/gnss" } ] }""", "live", "1 rules", "Only a broker has an audience")]
    [InlineData(
        """{ "gateway": { "address": "mqtt://127.0.0.1:1" }, "live": [ { "topics": "/a" } ], "links": { "order": [ { "name": "a", "interface": "lo", "bytesPerDay": "1 MB" } ] } }""",
        "live", "1 rules", "No link carries them")]
    [InlineData("""{ "spool": { "folder": "/dev/null/spool" } }""", "spool.folder", "/dev/null/spool", "/dev/null is a file")]
    [InlineData("""{ "spool": { "folder": "/proc/spool" } }""", "spool.folder", "/proc/spool", "write access")]
    [InlineData("""{ "spool": { "freeBytesMin": "4 apples" } }""", "spool.freeBytesMin", "\"4 apples\"", "Expected a size")]
    [InlineData("""{ "upload": { "drainTimeout": 9 } }""", "upload.drainTimeout", "9", "Expected a duration")]
    [InlineData("""{ "upload": { "drainTimeout": "9 h" } }""", "upload.drainTimeout", "09:00:00", "at most 01:00:00")]
    [InlineData("""{ "upload": { "partBytes": 1, "partBytes": 2 } }""", "upload.partBytes", "2", "twice")]
    [InlineData("""{ "vehicle": { "id": "my car" } }""", "vehicle.id", "my car", "1 to 128 of A-Z")]
    [InlineData("""{ "recorder": { "memoryBytesMax": "1 kB" } }""", "recorder.memoryBytesMax", "1000", "At least 1048576")]
    [InlineData("""{ "lanes": [ { "name": "a" }, { "name": "b", "chunkBytes": 12 } ] }""", "lanes[1].chunkBytes", "12", "At least 65536")]
    [InlineData("""{ "lanes": [ { "name": "a", "flushInterval": "1 h" } ] }""", "lanes[0].flushInterval", "01:00:00", "at most 00:01:00")]
    [InlineData("""{ "lanes": [] }""", "lanes", "0", "1 to 16 lanes")]
    [InlineData("""{ "laneRules": [ { "topics": "/a", "lane": "b" } ] }""", "laneRules[0].lane", "b", "No such lane")]
    [InlineData("""{ "defaultLane": "b" }""", "defaultLane", "b", "No such lane")]
    [InlineData("""{ "lanes": [ { "name": "a" }, { "name": "a" } ] }""", "lanes[1].name", "a", "Two lanes have this name")]
    [InlineData("""{ "lanes": [ { "name": "a", "durability": "interval" } ] }""", "lanes[0].flushInterval", "(missing)", "200 ms")]
    [InlineData("""{ "recorder": { "compressionWorkers": 1.5 } }""", "recorder.compressionWorkers", "1.5", "whole number")]
    [InlineData("""{ "lanes": [ { "name": "a", "uploadWeight": 0 } ] }""", "lanes[0].uploadWeight", "0", "At least 1")]
    [InlineData("""{ "lanes": [ { "name": "a", "uploadOrder": "last" } ] }""", "lanes[0].uploadOrder", "\"last\"", "\"newestFirst\"")]
    [InlineData("""{ "links": {} }""", "links.order", "(missing)", "at least one link")]
    [InlineData("""{ "links": { "order": [ { "name": "a" } ] } }""", "links.order[0].interface", "", "by what it is known")]
    [InlineData("""{ "links": { "order": [ { "name": "a", "word": "lte" } ] } }""", "links.order[0].word", "lte", "No command says a word")]
    [InlineData("""{ "links": { "order": [ { "name": "a", "interface": "wlan0", "lanes": ["b"] } ] } }""", "links.order[0].lanes", "b", "No such lane")]
    [InlineData("""{ "links": { "order": [ { "name": "a", "address": "10.0.0.1/8" } ] } }""", "links.order[0].address", "10.0.0.1/8", "CIDR")]
    [InlineData("""{ "links": { "order": [ { "name": "a", "windows": ["22-6"] } ] } }""", "links.order[0].windows", "\"22-6\"", "\"22:00-06:00\"")]
    [InlineData("""{ "links": { "order": [ { "name": "a", "dscp": 64 } ] } }""", "links.order[0].dscp", "64", "from 0 to 63")]
    [InlineData("""{ "links": { "utcOffset": "1 h" } }""", "links.utcOffset", "\"1 h\"", "\"+01:00\"")]
    [InlineData("""{ "links": { "command": "cat word" } }""", "links.command", "\"cat word\"", "array of texts")]
    [InlineData(
        """{ "gateway": { "address": "http://127.0.0.1:1" }, "links": { "order": [ { "name": "a", "interface": "lo", "gateway": "mqtt://127.0.0.1:1" } ] } }""",
        "links.order[0].gateway", "mqtt://127.0.0.1:1", "Expected http://HOST:PORT")]
    [InlineData("""{ "logging": { "level": "loud" } }""", "logging.level", "\"loud\"", "\"information\"")]
    [InlineData("""{ "gatway": {} }""", "gatway", "{}", "Did you mean \"gateway\"?")]
    [InlineData("""{ "gateway": { "address": "10.0.0.1:7443" } }""", "gateway.address", "\"10.0.0.1:7443\"", "http://HOST:PORT")]
    [InlineData("""{ "gateway": { "address": "http://h:1", "transport": "carrier pigeon" } }""", "gateway.transport", "pigeon", "\"grpc\"")]
    public async Task A_problem_is_told_with_key_value_and_remedy(string json, string key, string value, string remedy)
    {
        await using TestProcess check = await CheckAsync(json);

        Assert.Equal(2, check.ExitCode);
        AssertProblem(check, key, value, remedy);
    }

    [Fact]
    public async Task A_socket_path_longer_than_the_kernel_takes_is_a_problem()
    {
        string longName = new('s', 100);
        await using TestProcess check = await CheckAsync(
            $$"""{ "sources": [ { "type": "socket", "path": "{{longName}}" } ] }""");

        Assert.Equal(2, check.ExitCode);
        AssertProblem(check, "sources[0].path", "sss", "at most 107");
    }

    [Theory]
    [InlineData("http://198.51.100.7:7443", "https://")]
    [InlineData("mqtt://broker.example:1883", "mqtts://")]
    public async Task Plaintext_beyond_loopback_is_refused_unless_the_configuration_names_the_risk(string address, string remedy)
    {
        await using TestProcess refused = await CheckAsync($$"""{ "gateway": { "address": "{{address}}" } }""");
        await using TestProcess allowed = await CheckAsync(
            $$"""{ "gateway": { "address": "{{address}}", "allowPlaintext": true } }""");

        AssertProblem(refused, "gateway.address", address, $"Use {remedy}, or take the risk with gateway.allowPlaintext = true");
        Assert.DoesNotContain("gateway.address", allowed.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:7443", "http://198.51.100.7:7443")]
    [InlineData("mqtt://127.0.0.1:1883", "mqtt://198.51.100.7:1883")]
    public async Task Nor_does_a_link_lead_beyond_loopback_in_plaintext(string address, string linked)
    {
        await using TestProcess refused = await CheckAsync($$"""
            {
              "vehicle": { "id": "veh-1" }, "spool": { "folder": "spool" }, "sources": [ { "type": "socket", "path": "x.sock" } ],
              "gateway": { "address": "{{address}}" },
              "links": { "order": [ { "name": "lte", "interface": "wwan0", "gateway": "{{linked}}" } ] }
            }
            """);

        AssertProblem(refused, "links.order[0].gateway", linked, "Use TLS");
    }

    [Fact]
    public async Task What_is_not_JSON_is_one_problem_with_its_line()
    {
        await using TestProcess check = await CheckAsync("{\n  \"vehicle\": {,}\n}");

        Assert.Equal(2, check.ExitCode);
        Assert.Contains("line 2", check.Errors, StringComparison.Ordinal);
        Assert.Contains("1 problem", check.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_a_problem_with_its_name()
    {
        await using TestProcess check = await TestProcess.RunAsync(
            Executable.Agent, "check", "--config", _folder.At("none.json"));

        Assert.Equal(2, check.ExitCode);
        Assert.Contains("No such file", check.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checking_leaves_nothing_behind()
    {
        await using TestProcess check = await CheckAsync(
            $$"""{ "spool": { "folder": "{{_folder.Path}}/a/b/spool" }, "sources": [ { "type": "socket", "path": "x.sock" } ] }""");

        Assert.Equal([_folder.At("agent.json")], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private static void AssertProblem(TestProcess check, string key, string value, string remedy) => Assert.True(
        check.Errors.Split('\n').Any(line => line.StartsWith($"  {key} = ", StringComparison.Ordinal)
            && line.Contains(value, StringComparison.Ordinal) && line.Contains(remedy, StringComparison.Ordinal)),
        $"No problem at {key} with '{value}' and '{remedy}'.\n{check.Describe()}");

    private Task<TestProcess> CheckAsync(string json) =>
        TestProcess.RunAsync(Executable.Agent, "check", "--config", _folder.Write("agent.json", json));
}
