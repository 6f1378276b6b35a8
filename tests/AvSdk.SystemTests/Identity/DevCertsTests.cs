using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Identity;

public sealed class DevCertsTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task Keys_are_the_owners_alone_and_openssl_believes_the_certificates()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1", "veh-2");

        string[] keys = Directory.GetFiles(fleet.Certificates(), "*.key", SearchOption.AllDirectories);
        Assert.Equal(5, keys.Length);
        Assert.All(keys, key => Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(key) == OwnerOnly, key));
        await InstalledTool.RunAsync(InstalledTool.Require("openssl", "openssl"), [
            "verify", "-x509_strict", "-CAfile", fleet.Certificates("ca.pem"), fleet.Certificates("gateway.pem"),
            fleet.Certificates("vehicles", "veh-1.pem"), fleet.Certificates("vehicles", "veh-2.pem"),
            fleet.Certificates("clients", "developer.pem")]);
    }

    [Fact]
    public async Task Vehicles_are_added_to_an_authority_and_nothing_that_is_there_is_replaced()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        Dictionary<string, string> before = Read(fleet);

        string output = await fleet.DevCertsAsync("--vehicle", "veh-1", "--vehicle", "veh-2", "--client", "analysis");

        Dictionary<string, string> after = Read(fleet);
        Assert.All(before, file => Assert.Equal(file.Value, after[file.Key]));
        Assert.Equal(before.Count + 4, after.Count);
        Assert.Contains("kept     " + fleet.Certificates("vehicles", "veh-1.pem"), output, StringComparison.Ordinal);
        Assert.Contains("made     " + fleet.Certificates("vehicles", "veh-2.pem"), output, StringComparison.Ordinal);
        Assert.All(
            ["\"clientAuthoritiesFile\": \"" + fleet.Certificates("ca.pem"), "\"keyFile\": \"" + fleet.Certificates("vehicles", "veh-1.key"),
                "AvCredentials.FromFiles("],
            sentence => Assert.Contains(sentence, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Renewing_one_leaves_the_others_and_renewing_without_a_name_is_for_all_but_the_authority()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1", "veh-2");
        await fleet.DevCertsAsync("--renew", "--server-name", "gateway.example", "--vehicle", "veh-2");
        Dictionary<string, string> before = Read(fleet);

        await fleet.DevCertsAsync("--renew", "--vehicle", "veh-1");
        Assert.Equal(["vehicles/veh-1.key", "vehicles/veh-1.pem"], Changed(fleet, before));
        string output = await fleet.DevCertsAsync("--renew", "--days", "7");

        Assert.Equal(
            ["clients/developer.key", "clients/developer.pem", "gateway.key", "gateway.pem", "vehicles/veh-1.key",
                "vehicles/veh-1.pem", "vehicles/veh-2.key", "vehicles/veh-2.pem"],
            Changed(fleet, before));
        Assert.Contains("CN=gateway.example", output, StringComparison.Ordinal);
        Assert.Contains($"good until {DateTimeOffset.UtcNow.AddDays(7):yyyy-MM-dd}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_names_and_days_are_told_at_once_and_make_nothing()
    {
        using TemporaryFolder folder = new();
        await using TestProcess made = await TestProcess.RunAsync(
            Executable.Gateway, "dev-certs", "--out", folder.At("certs"), "--vehicle", "a/b", "--client", "..",
            "--server-name", "https://x", "--days", "0");

        Assert.Equal(2, made.ExitCode);
        Assert.All(
            ["4 problems", "--vehicle = a/b", "--client = ..", "--server-name = https://x", "--days = 0"],
            sentence => Assert.Contains(sentence, made.Errors, StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder.At("certs")));
    }

    [Fact]
    public async Task An_authority_without_its_key_is_not_replaced()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        File.Delete(fleet.Certificates("ca.key"));

        await using TestProcess made = await TestProcess.RunAsync(
            Executable.Gateway, "dev-certs", "--out", fleet.Certificates(), "--vehicle", "veh-2");

        Assert.Equal(1, made.ExitCode);
        Assert.Contains("ca.key", made.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(fleet.Certificates("ca.key")));
    }

    private static Dictionary<string, string> Read(SecureFleet fleet) =>
        Directory.GetFiles(fleet.Certificates(), "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(fleet.Certificates(), file), File.ReadAllText);

    private static string[] Changed(SecureFleet fleet, Dictionary<string, string> before) =>
        [.. Read(fleet).Where(file => before.GetValueOrDefault(file.Key) != file.Value).Select(file => file.Key)
            .Order(StringComparer.Ordinal)];
}
