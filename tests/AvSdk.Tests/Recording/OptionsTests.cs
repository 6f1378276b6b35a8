using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class OptionsTests
{
    [Fact]
    public void The_defaults_can_be_used() => Assert.Empty(new RecorderOptions { VehicleId = "veh-042" }.Validate());

    [Fact]
    public void All_problems_are_found_at_once_each_with_key_value_and_remedy()
    {
        RecorderOptions options = new()
        {
            VehicleId = "veh 042",
            MessageBytesMax = 100 << 20,
            CompressionWorkers = 0,
            DefaultLane = "nowhere",
            LaneRules = [new LaneRule("/camera/*", "cameras")],
            Lanes =
            [
                new LaneOptions
                {
                    Name = "Telemetry",
                    ChunkBytes = 12,
                    Durability = LaneDurability.Interval(TimeSpan.Zero),
                    QuotaBytes = 1,
                },
                new LaneOptions { Name = "a" },
                new LaneOptions { Name = "a" },
            ],
            Upload = new UploadOptions { PartBytes = 1 },
        };

        IReadOnlyList<OptionProblem> problems = options.Validate();
        Assert.Equal(
            [
                "VehicleId", "MessageBytesMax", "CompressionWorkers", "Upload.PartBytes", "Lanes",
                "Lanes[Telemetry].ChunkBytes", "Lanes[Telemetry].QuotaBytes", "Lanes[Telemetry].Durability", "Lanes",
                "LaneRules[0].Lane", "DefaultLane",
            ],
            problems.Select(problem => problem.Key));
        Assert.All(problems, problem => Assert.NotEmpty(problem.Remedy));
        Assert.Contains(
            "Lanes[Telemetry].ChunkBytes = 12: at least 65536 and at most 67108864 bytes",
            problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("10.4.0.0/16", true)]
    [InlineData("fd00::/8", true)]
    [InlineData("10.4.0.1/16", false)]
    [InlineData("10.4.0.0", false)]
    [InlineData("depot/8", false)]
    public void A_network_is_told_by_its_first_address(string address, bool isOne)
    {
        RecorderOptions options = new()
        {
            VehicleId = "veh-042",
            Links = new LinksOptions { Links = [new LinkOptions { Name = "depot", Address = address }] },
        };
        Assert.Equal(isOne ? [] : ["Links.Links[0].Address"], options.Validate().Select(static problem => problem.Key));
    }

    [Fact]
    public async Task Opening_with_problems_names_them_all_and_touches_nothing()
    {
        Bench bench = new() { Options = new RecorderOptions { VehicleId = "", CompressionWorkers = 0 } };
        RecorderException error = await Assert.ThrowsAsync<RecorderException>(bench.OpenAsync);

        Assert.Contains("VehicleId", error.Message, StringComparison.Ordinal);
        Assert.Contains("CompressionWorkers", error.Message, StringComparison.Ordinal);
        Assert.Empty(bench.Files.Names);
    }

    [Fact]
    public async Task Opening_without_a_place_for_the_spool_says_so()
    {
        RecorderException error = await Assert.ThrowsAsync<RecorderException>(async () =>
            await LocalRecorder.OpenAsync(
                new RecorderOptions { VehicleId = "veh-042" }, new RecorderPorts(),
                TestContext.Current.CancellationToken));

        Assert.Contains("SpoolFolder", error.Message, StringComparison.Ordinal);
    }
}
