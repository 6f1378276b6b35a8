using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Identity;

/// <summary>Somebody else's client, who shows the same certificates.</summary>
public sealed class NodePeerTests
{
    [Fact]
    public async Task A_node_client_is_known_by_its_certificate_and_told_why_not()
    {
        Executable node = InstalledNode.Require("@grpc/grpc-js", "@grpc/proto-loader");
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1", "veh-2");
        await using TestProcess gateway = await fleet.StartAsync();
        foreach ((string? name, string vehicle, string expected) in ((string?, string, string)[])
        [
            ("clients/developer", "-", "OK {"),
            ("vehicles/veh-1", "veh-1", "OK opened"),
            (null, "-", "UNAUTHENTICATED The gateway refuses this connection: no certificate was given"),
            (null, "veh-1", "UNAUTHENTICATED The gateway refuses this connection: no certificate was given"),
            ("vehicles/veh-1", "veh-2", "PERMISSION_DENIED open names vehicle veh-2, and the certificate is of vehicle veh-1"),
            ("vehicles/veh-1", "-", "PERMISSION_DENIED The certificate is of vehicle veh-1, and vehicles do not read"),
            ("clients/developer", "veh-1", "PERMISSION_DENIED The certificate is of client developer, and only vehicles write"),
        ])
        {
            await using TestProcess peer = await TestProcess.RunAsync(node,
                Path.Combine(SharedFiles.RepositoryRoot, "tests/AvSdk.SystemTests/Identity/peer.cjs"),
                Path.Combine(SharedFiles.RepositoryRoot, "protos"), new Uri(fleet.Address).Authority,
                fleet.Certificates("ca.pem"),
                name is null ? "-" : fleet.Certificates(name + ".pem"),
                name is null ? "-" : fleet.Certificates(name + ".key"),
                vehicle);
            Assert.True(peer.Output.StartsWith(expected, StringComparison.Ordinal), $"{name} {vehicle}\n{peer.Describe()}");
        }
    }
}
