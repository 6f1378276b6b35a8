using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;
using AvSdk.Gateway.Identity;

namespace AvSdk.Tests.Identity;

public sealed class CertificateCheckTests : IDisposable
{
    private readonly TestFleet _fleet = new();

    public void Dispose() => _fleet.Dispose();

    [Fact]
    public void A_vehicle_of_the_fleet_is_who_its_certificate_says()
    {
        using X509Certificate2 certificate = _fleet.Vehicle("veh-042");

        Assert.Null(_fleet.Judge(certificate, out PeerIdentity? identity));
        Assert.Equal(new PeerIdentity(PeerKind.Vehicle, "veh-042"), identity);
    }

    [Fact]
    public void Nobody_is_asked_for_a_certificate() =>
        Refused(_fleet.Judge(null, out PeerIdentity? identity), identity, CertificateFault.NotGiven, "no certificate was given");

    [Fact]
    public void One_whose_time_is_over_is_told_since_when()
    {
        using X509Certificate2 certificate = _fleet.Vehicle("veh-042", -48, -1);

        Refused(_fleet.Judge(certificate, out PeerIdentity? identity), identity, CertificateFault.Expired,
            $"CN=veh-042 (serial {certificate.SerialNumber}) expired at {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z");
    }

    [Fact]
    public void One_whose_time_has_not_come_is_told_from_when_and_to_look_at_the_clocks()
    {
        using X509Certificate2 certificate = _fleet.Vehicle("veh-042", 1, 48);

        Refused(_fleet.Judge(certificate, out PeerIdentity? identity), identity, CertificateFault.NotYetValid,
            $"is valid only from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z", "clocks");
    }

    [Fact]
    public void One_of_another_authority_is_told_whose_and_who_is_trusted()
    {
        using TestFleet others = new("others");
        using X509Certificate2 certificate = others.Vehicle("veh-042");

        Refused(_fleet.Judge(certificate, out PeerIdentity? identity), identity, CertificateFault.WrongAuthority,
            "issued by CN=others", "Trusted: CN=fleet");
        Refused(_fleet.Judge(certificate, out identity, null, others.Authority.Certificate), identity,
            CertificateFault.WrongAuthority, "issued by CN=others");
    }

    [Fact]
    public void One_of_an_authority_that_only_has_the_same_name_is_refused()
    {
        using TestFleet impostor = new("fleet");
        using X509Certificate2 certificate = impostor.Vehicle("veh-042");

        Refused(_fleet.Judge(certificate, out PeerIdentity? identity), identity, CertificateFault.WrongAuthority, "CN=fleet");
    }

    [Fact]
    public void One_that_signed_itself_is_refused()
    {
        using X509Certificate2 certificate = TestFleet.SelfSigned(
            "CN=veh-042", names => names.AddUri(new Uri("urn:av:vehicle:veh-042")));

        Refused(_fleet.Judge(certificate, out PeerIdentity? identity), identity, CertificateFault.WrongAuthority, "CN=veh-042");
    }

    [Fact]
    public void A_vehicle_cannot_issue_for_another()
    {
        // What a stolen key can sign: a certificate for veh-007 under veh-042's.
        using X509Certificate2 genuine = _fleet.Vehicle("veh-042");
        using DevelopmentAuthority thief = DevelopmentAuthority.FromPem(
            genuine.ExportCertificatePem(), genuine.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        using X509Certificate2 forged = thief.Issue(
            new PeerIdentity(PeerKind.Vehicle, "veh-007"), _fleet.Now.AddHours(-1), _fleet.Now.AddHours(1));

        Refused(_fleet.Judge(forged, out PeerIdentity? identity, null, genuine), identity, CertificateFault.WrongAuthority, "CN=veh-007");
    }

    [Fact]
    public void An_authority_between_counts_when_it_was_sent_or_is_at_hand()
    {
        using DevelopmentAuthority between = _fleet.Authority.IssueAuthority("plant", _fleet.Now.AddHours(-1), _fleet.Now.AddHours(24));
        using X509Certificate2 certificate = between.Issue(
            new PeerIdentity(PeerKind.Vehicle, "veh-042"), _fleet.Now.AddHours(-1), _fleet.Now.AddHours(24));

        Refused(_fleet.Judge(certificate, out PeerIdentity? identity), identity, CertificateFault.WrongAuthority, "issued by CN=plant");
        Assert.Null(_fleet.Judge(certificate, out identity, null, between.Certificate));
        Assert.Equal("veh-042", identity?.Name);
        Assert.Null(CertificateCheck.CheckPeer(
            certificate, [], [_fleet.Authority.Certificate, between.Certificate], RevocationList.Empty, _fleet.Now, out _));
        Refused(
            CertificateCheck.CheckPeer(certificate, [], [between.Certificate], RevocationList.Empty, _fleet.Now, out identity),
            identity, CertificateFault.WrongAuthority, "CN=plant");
    }

    [Fact]
    public void A_revoked_authority_between_takes_its_vehicles_with_it()
    {
        using DevelopmentAuthority between = _fleet.Authority.IssueAuthority("plant", _fleet.Now.AddHours(-1), _fleet.Now.AddHours(24));
        using X509Certificate2 certificate = between.Issue(
            new PeerIdentity(PeerKind.Vehicle, "veh-042"), _fleet.Now.AddHours(-1), _fleet.Now.AddHours(24));

        Refused(_fleet.Judge(certificate, out PeerIdentity? identity, List(between.Certificate), between.Certificate), identity,
            CertificateFault.Revoked, "CN=plant");
    }

    [Fact]
    public void An_authority_whose_time_is_over_is_named()
    {
        using DevelopmentAuthority between = _fleet.Authority.IssueAuthority("plant", _fleet.Now.AddHours(-48), _fleet.Now.AddHours(-1));
        using X509Certificate2 certificate = between.Issue(
            new PeerIdentity(PeerKind.Vehicle, "veh-042"), _fleet.Now.AddHours(-1), _fleet.Now.AddHours(24));

        Refused(_fleet.Judge(certificate, out PeerIdentity? identity, null, between.Certificate), identity,
            CertificateFault.Expired, "CN=plant");
    }

    [Fact]
    public void A_revoked_one_is_told_so()
    {
        using X509Certificate2 certificate = _fleet.Vehicle("veh-042");

        Refused(_fleet.Judge(certificate, out PeerIdentity? identity, List(certificate)), identity,
            CertificateFault.Revoked, "CN=veh-042", "was revoked");
    }

    [Fact]
    public void A_servers_certificate_is_no_clients()
    {
        using X509Certificate2 certificate = _fleet.Server("veh-042");

        Refused(_fleet.Judge(certificate, out PeerIdentity? identity), identity, CertificateFault.WrongUse, "not one for a TLS client");
    }

    [Fact]
    public void One_that_names_nobody_is_told_what_is_expected()
    {
        using X509Certificate2 certificate = _fleet.Authority.Issue(
            new PeerIdentity(PeerKind.Vehicle, "not/a/name"), _fleet.Now.AddHours(-1), _fleet.Now.AddHours(1));

        Refused(_fleet.Judge(certificate, out PeerIdentity? identity), identity, CertificateFault.WrongName,
            "\"urn:av:vehicle:not/a/name\"", "expected the URI urn:av:vehicle:NAME");
    }

    [Fact]
    public void What_was_taken_once_is_refused_when_its_time_is_over_or_it_is_revoked()
    {
        using X509Certificate2 certificate = _fleet.Vehicle("veh-042");

        Assert.Null(CertificateCheck.CheckAgain(certificate, RevocationList.Empty, _fleet.Now));
        Assert.Equal(CertificateFault.Expired,
            CertificateCheck.CheckAgain(certificate, RevocationList.Empty, _fleet.Now.AddHours(25))?.Fault);
        Assert.Equal(CertificateFault.Revoked, CertificateCheck.CheckAgain(certificate, List(certificate), _fleet.Now)?.Fault);
    }

    [Theory]
    [InlineData("gateway.example", true)]
    [InlineData("GATEWAY.example", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("a.depot.example", true)]
    [InlineData("other.example", false)]
    [InlineData("10.1.2.4", false)]
    [InlineData("b.a.depot.example", false)]
    public void A_gateway_is_who_one_of_its_names_says(string expected, bool isGood)
    {
        using X509Certificate2 certificate = _fleet.Server("gateway.example", "10.1.2.3", "*.depot.example");

        CertificateRefusal? refusal = CertificateCheck.CheckServer(certificate, [], _fleet.Authorities, expected, _fleet.Now);

        if (isGood)
            Assert.Null(refusal);
        else
            Refused(refusal, null, CertificateFault.WrongName, $"is not for {expected}, but for gateway.example, *.depot.example, 10.1.2.3");
    }

    [Fact]
    public void A_gateways_certificate_is_judged_like_a_vehicles()
    {
        using TestFleet others = new("others");
        using X509Certificate2 foreign = others.Server("gateway.example");
        using X509Certificate2 good = _fleet.Server("gateway.example");
        using X509Certificate2 vehicle = _fleet.Vehicle("gateway.example");

        Refused(Server(foreign), null, CertificateFault.WrongAuthority, "The server: ", "CN=others");
        Refused(Server(vehicle), null, CertificateFault.WrongUse, "not one for a TLS server");
        Refused(Server(good, 25), null, CertificateFault.Expired, "expired at");
        Refused(Server(good, -2), null, CertificateFault.NotYetValid, "valid only from");
        Refused(Server(null), null, CertificateFault.NotGiven, "gave no certificate");
        Refused(CertificateCheck.CheckServer(good, [], null, "gateway.example", _fleet.Now), null,
            CertificateFault.WrongAuthority, "the system's authorities");

        CertificateRefusal? Server(X509Certificate2? certificate, double hours = 0) => CertificateCheck.CheckServer(
            certificate, [], _fleet.Authorities, "gateway.example", _fleet.Now.AddHours(hours));
    }

    private static RevocationList List(X509Certificate2 certificate) =>
        RevocationList.TryParse(certificate.SerialNumber, out _)!;

    private static void Refused(
        CertificateRefusal? refusal, PeerIdentity? identity, CertificateFault fault, params string[] sentences)
    {
        Assert.NotNull(refusal);
        Assert.True(fault == refusal.Fault, refusal.ToString());
        Assert.Null(identity);
        Assert.All(sentences, sentence => Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal));
    }
}
