using System.Net;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;

namespace AvSdk.Tests.Identity;

public sealed class PeerIdentityTests
{
    [Theory]
    [InlineData("urn:av:vehicle:veh-042", PeerKind.Vehicle, "veh-042")]
    [InlineData("URN:AV:Vehicle:Veh_042.b", PeerKind.Vehicle, "Veh_042.b")]
    [InlineData("urn:av:client:analysis", PeerKind.Client, "analysis")]
    public void The_uri_says_what_he_is_and_how_he_is_called(string uri, PeerKind kind, string name)
    {
        using X509Certificate2 certificate = TestFleet.SelfSigned("CN=somebody else", names =>
        {
            names.AddDnsName("veh.example");
            names.AddUri(new Uri("https://example.org/other"));
            names.AddIpAddress(IPAddress.Loopback);
            names.AddUri(new Uri(uri));
            names.AddEmailAddress("a@example.org");
        });

        Assert.Equal(new PeerIdentity(kind, name), PeerIdentity.TryRead(certificate, out _));
    }

    [Fact]
    public void Without_a_uri_of_ours_the_common_name_is_a_vehicles()
    {
        using X509Certificate2 certificate = TestFleet.SelfSigned(
            "CN=veh-042, OU=fleet, O=example", names => names.AddUri(new Uri("https://example.org/")));

        Assert.Equal(new PeerIdentity(PeerKind.Vehicle, "veh-042"), PeerIdentity.TryRead(certificate, out _));
    }

    [Theory]
    [InlineData("CN=veh 042")]
    [InlineData("CN=..")]
    [InlineData("CN=a/b")]
    [InlineData("O=veh-042")]
    [InlineData("CN=veh-042, CN=veh-043")]
    public void A_common_name_that_cannot_be_a_vehicles_names_nobody(string subject)
    {
        using X509Certificate2 certificate = TestFleet.SelfSigned(subject);

        Assert.Null(PeerIdentity.TryRead(certificate, out string problem));
        Assert.Contains("it names nobody; expected the URI urn:av:vehicle:NAME", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("urn:av:fleet:north")]
    [InlineData("urn:av:vehicle:")]
    [InlineData("urn:av:vehicle:a%2Fb")]
    [InlineData("urn:av:vehicle:..")]
    public void A_uri_of_ours_that_is_wrong_names_nobody_whatever_the_common_name_is(string uri)
    {
        using X509Certificate2 certificate = TestFleet.SelfSigned("CN=veh-042", names => names.AddUri(new Uri(uri)));

        Assert.Null(PeerIdentity.TryRead(certificate, out string problem));
        Assert.Contains($"the name in it is \"{uri}\"", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_for_two_is_for_none()
    {
        using X509Certificate2 certificate = TestFleet.SelfSigned("CN=x", names =>
        {
            names.AddUri(new Uri("urn:av:vehicle:veh-042"));
            names.AddUri(new Uri("urn:av:vehicle:veh-043"));
        });

        Assert.Null(PeerIdentity.TryRead(certificate, out string problem));
        Assert.Contains("urn:av:vehicle:veh-042, urn:av:vehicle:veh-043", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_identity_is_written_as_is_read_as_the_same()
    {
        using TestFleet fleet = new();
        using X509Certificate2 vehicle = fleet.Vehicle("veh-042");
        using X509Certificate2 client = fleet.Client("analysis");

        Assert.Equal("vehicle veh-042", PeerIdentity.TryRead(vehicle, out _)?.ToString());
        Assert.Equal("client analysis", PeerIdentity.TryRead(client, out _)?.ToString());
    }
}
