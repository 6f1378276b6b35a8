using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Identity;

/// <summary>What is wrong with files and names is found before anything starts, all at once.</summary>
public sealed class IdentityConfigurationTests
{
    [Fact]
    public async Task An_agent_is_told_each_file_that_it_cannot_use()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1", "veh-2");
        string[] problems = await CheckAsync(fleet, $$"""
            "address": "https://gateway.example:8443",
            "tls": {
              "certificateFile": "certs/vehicles/veh-1.pem", "keyFile": "certs/vehicles/veh-2.key",
              "authoritiesFile": "none.pem", "serverName": "https://gateway.example"
            }
            """);

        Assert.Equal(3, problems.Length);
        Has(problems, "gateway.tls.keyFile", "veh-2.key", "not the key of the certificate");
        Has(problems, "gateway.tls.authoritiesFile", "none.pem", "Name a file that this user can read");
        Has(problems, "gateway.tls.serverName", "https://gateway.example", "Expected a host name");
    }

    [Theory]
    [InlineData("vehicles/veh-2", "It is the certificate of vehicle veh-2, and vehicle.id is veh-1")]
    [InlineData("clients/developer", "It is the certificate of client developer, and vehicle.id is veh-1")]
    [InlineData("gateway", "It is the certificate of vehicle localhost, and vehicle.id is veh-1")]
    public async Task An_agent_with_the_certificate_of_somebody_else_is_told_whose(string name, string sentence)
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1", "veh-2");
        string[] problems = await CheckAsync(fleet, $$"""
            "address": "https://gateway.example:8443",
            "tls": { "certificateFile": "certs/{{name}}.pem", "keyFile": "certs/{{name}}.key" }
            """);

        Assert.Single(problems);
        Has(problems, "gateway.tls.certificateFile", $"{name}.pem", sentence);
    }

    [Fact]
    public async Task Certificates_for_an_address_without_tls_and_half_a_pair_are_told()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        string[] problems = await CheckAsync(fleet, """
            "address": "http://127.0.0.1:7443", "tls": { "certificateFile": "certs/vehicles/veh-1.pem" }
            """);

        Assert.Equal(2, problems.Length);
        Has(problems, "gateway.address", "http://127.0.0.1:7443", "use https://");
        Has(problems, "gateway.tls.keyFile", "(missing)", "go together");
    }

    [Fact]
    public async Task A_gateway_is_told_each_file_that_it_cannot_use()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        await File.AppendAllTextAsync(fleet.RevokedFile, "no entry\n", TestContext.Current.CancellationToken);
        await using TestProcess gateway = await TestProcess.RunAsync(
            Executable.Gateway, "run", "--data", fleet.At("data"), "--listen", "https://0.0.0.0:0", "--certificate",
            fleet.Certificates("gateway.pem"), "--key", fleet.Certificates("ca.key"), "--revoked", fleet.RevokedFile);

        Assert.Equal(2, gateway.ExitCode);
        Assert.All(
            ["3 problems", "Tls.ClientAuthoritiesFile = (empty)", "Tls.KeyFile = ", "not the key of the certificate",
                "Tls.RevokedFile = ", "Line 3 is \"no entry\""],
            sentence => Assert.Contains(sentence, gateway.Errors, StringComparison.Ordinal));
        Assert.False(Directory.Exists(fleet.At("data")));
    }

    [Fact]
    public async Task A_gateway_with_certificates_listens_beyond_loopback_without_a_flag()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync();
        string config = fleet.At("gateway.json");
        await File.WriteAllTextAsync(config, $$"""
            {
              "data": "{{fleet.At("data")}}",
              "listen": "https://0.0.0.0:0",
              "tls": {
                "certificateFile": "{{fleet.Certificates("gateway.pem")}}", "keyFile": "{{fleet.Certificates("gateway.key")}}",
                "clientAuthoritiesFile": "{{fleet.Certificates("ca.pem")}}", "revokedFile": "{{fleet.RevokedFile}}",
              },
            }
            """, TestContext.Current.CancellationToken);
        await using TestProcess gateway = TestProcess.Start(Executable.Gateway, ["run", "--config", config]);

        string line = await gateway.WaitForLineAsync("avgateway listening");

        string[] fields = line.Split(' ');
        Assert.StartsWith("grpc=https://0.0.0.0:", fields[2], StringComparison.Ordinal);
        Assert.Equal(fields[2].Replace("grpc=", "web=", StringComparison.Ordinal), fields[3]);
        gateway.Signal(TestProcess.SigTerm);
        Assert.Equal(0, await gateway.WaitForExitAsync());
    }

    [Theory]
    [InlineData("https://127.0.0.1:0", "avgateway dev-certs --out DIR")]
    [InlineData("http://0.0.0.0:0", "--allow-unauthenticated-network")]
    public async Task A_gateway_without_certificates_is_told_how_to_get_some(string address, string sentence)
    {
        using TemporaryFolder folder = new();
        await using TestProcess gateway = await TestProcess.RunAsync(
            Executable.Gateway, "run", "--data", folder.At("data"), "--listen", address);

        Assert.Equal(2, gateway.ExitCode);
        Assert.Contains("1 problem", gateway.Errors, StringComparison.Ordinal);
        Assert.Contains(sentence, gateway.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_key_of_the_tls_section_is_refused()
    {
        using TemporaryFolder folder = new();
        string config = folder.Write("gateway.json", """{ "data": "x", "tls": { "certFile": "y" } }""");
        await using TestProcess gateway = await TestProcess.RunAsync(Executable.Gateway, "run", "--config", config);

        Assert.Equal(2, gateway.ExitCode);
        Assert.Contains("certFile", gateway.Errors, StringComparison.Ordinal);
    }

    private static async Task<string[]> CheckAsync(SecureFleet fleet, string gateway)
    {
        string config = fleet.At("agent.json");
        await File.WriteAllTextAsync(config, $$"""
            {
              "vehicle": { "id": "veh-1" }, "spool": { "folder": "{{fleet.At("spool")}}" },
              "sources": [ { "type": "socket", "path": "{{fleet.At("ingest.sock")}}" } ],
              "gateway": { {{gateway}} }
            }
            """, TestContext.Current.CancellationToken);
        await using TestProcess check = await TestProcess.RunAsync(Executable.Agent, "check", "--config", config);
        Assert.Equal(2, check.ExitCode);
        return check.Errors.Split('\n')[1..];
    }

    private static void Has(string[] problems, string key, string value, string sentence) => Assert.Contains(
        problems, problem => problem.StartsWith($"  {key} = ", StringComparison.Ordinal)
            && problem.Contains(value, StringComparison.Ordinal) && problem.Contains(sentence, StringComparison.Ordinal));
}
