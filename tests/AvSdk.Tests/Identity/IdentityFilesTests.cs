using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;
using AvSdk.Gateway.Identity;
using AvSdk.Tests.Gateway;

namespace AvSdk.Tests.Identity;

public sealed class IdentityFilesTests : IDisposable
{
    private readonly TestFleet _fleet = new();
    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly IdentityFileNames _names;

    public IdentityFilesTests()
    {
        using X509Certificate2 vehicle = _fleet.Vehicle("veh-042");
        (string certificate, string key) = TestFleet.Write(_folder.Path, "own", vehicle);
        _names = new IdentityFileNames
        {
            CertificateFile = certificate,
            KeyFile = key,
            AuthoritiesFile = _fleet.WriteAuthorities(_folder.Path),
            RevokedFile = _folder.At("revoked.txt"),
        };
        File.WriteAllText(_names.RevokedFile, "# nobody\n");

        // What a test replaces is newer than these by more than a tick of the file system's clock.
        foreach (string file in Directory.EnumerateFiles(_folder.Path))
            File.SetLastWriteTimeUtc(file, _fleet.Now.UtcDateTime.AddHours(-1));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _fleet.Dispose();
    }

    [Fact]
    public void Unchanged_files_say_nothing()
    {
        IdentityFiles files = Open();
        IdentityMaterial before = files.Current;
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Empty(files.Refresh());
        Assert.Same(before, files.Current);
        Assert.Equal("CN=veh-042", before.Certificate?.Subject);
        Assert.Equal("CN=fleet", Assert.Single(before.Authorities!).Subject);
        Assert.Equal(0, before.Revoked.Count);
    }

    [Fact]
    public void A_new_pair_is_in_force_with_the_next_look()
    {
        IdentityFiles files = Open();
        using X509Certificate2 next = _fleet.Vehicle("veh-042");
        TestFleet.Write(_folder.Path, "own", next);

        IdentityFileChange change = Assert.Single(files.Refresh());

        Assert.Null(change.Problem);
        Assert.Contains(next.SerialNumber, change.What, StringComparison.Ordinal);
        Assert.Equal(next.SerialNumber, files.Current.Certificate?.SerialNumber);
        Assert.NotNull(files.Current.Authorities);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Half_of_a_new_pair_changes_nothing_and_the_other_half_does(bool keyFirst)
    {
        IdentityFiles files = Open();
        string before = files.Current.Certificate!.SerialNumber;
        using X509Certificate2 next = _fleet.Vehicle("veh-042");
        (string certificate, string key) = TestFleet.Write(Directory.CreateDirectory(_folder.At("next")).FullName, "own", next);
        (string From, string To)[] moves = [(key, _names.KeyFile!), (certificate, _names.CertificateFile!)];
        if (!keyFirst)
            moves = [moves[1], moves[0]];

        File.Move(moves[0].From, moves[0].To, overwrite: true);
        IdentityFileProblem? problem = Assert.Single(files.Refresh()).Problem;
        Assert.Equal("KeyFile", problem?.Key);
        Assert.Contains("not the key of the certificate", problem?.Remedy, StringComparison.Ordinal);
        Assert.Equal(before, files.Current.Certificate!.SerialNumber);
        Assert.Empty(files.Refresh());

        File.Move(moves[1].From, moves[1].To, overwrite: true);
        Assert.Null(Assert.Single(files.Refresh()).Problem);
        Assert.Equal(next.SerialNumber, files.Current.Certificate!.SerialNumber);
    }

    [Fact]
    public void A_file_that_is_being_written_or_is_gone_changes_nothing_until_it_is_whole()
    {
        IdentityFiles files = Open();
        string before = files.Current.Certificate!.SerialNumber;
        using X509Certificate2 next = _fleet.Vehicle("veh-042");
        string pem = next.ExportCertificatePem();
        foreach (int length in (int[])[0, 10, pem.Length / 2, pem.Length - 5])
        {
            File.WriteAllText(_names.CertificateFile!, pem[..length]);
            Assert.NotNull(Assert.Single(files.Refresh()).Problem);
            Assert.Equal(before, files.Current.Certificate!.SerialNumber);
        }

        File.Delete(_names.CertificateFile!);
        IdentityFileProblem? gone = Assert.Single(files.Refresh()).Problem;
        Assert.Equal((_names.CertificateFile, "CertificateFile"), (gone?.File, gone?.Key));
        Assert.Empty(files.Refresh());
        TestFleet.Write(_folder.Path, "own", next);
        Assert.Null(Assert.Single(files.Refresh()).Problem);
        Assert.Equal(next.SerialNumber, files.Current.Certificate!.SerialNumber);
    }

    [Fact]
    public void A_change_that_time_and_length_hide_is_seen_within_a_second()
    {
        File.WriteAllText(_names.RevokedFile!, "1111\n");
        IdentityFiles files = Open();
        DateTime stamp = File.GetLastWriteTimeUtc(_names.RevokedFile!);
        File.WriteAllText(_names.RevokedFile!, "2222\n");
        File.SetLastWriteTimeUtc(_names.RevokedFile!, stamp);

        Assert.Empty(files.Refresh());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("revoked: 1", Assert.Single(files.Refresh()).What, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_symbolic_link_leads_to_is_what_counts()
    {
        using X509Certificate2 next = _fleet.Vehicle("veh-042");
        foreach ((string name, string from) in ((string, string)[])[("own.pem", _names.CertificateFile!), ("own.key", _names.KeyFile!)])
        {
            Directory.CreateDirectory(_folder.At("one"));
            File.Move(from, _folder.At("one", name));
            File.CreateSymbolicLink(from, _folder.At("current", name));
        }

        TestFleet.Write(Directory.CreateDirectory(_folder.At("two")).FullName, "own", next);
        Directory.CreateSymbolicLink(_folder.At("current"), _folder.At("one"));
        IdentityFiles files = Open();
        Directory.Delete(_folder.At("current"));
        Directory.CreateSymbolicLink(_folder.At("current"), _folder.At("two"));

        Assert.Null(Assert.Single(files.Refresh()).Problem);
        Assert.Equal(next.SerialNumber, files.Current.Certificate!.SerialNumber);
    }

    [Fact]
    public void A_broken_list_of_the_revoked_keeps_the_old_one()
    {
        File.WriteAllText(_names.RevokedFile!, "AB12\n");
        IdentityFiles files = Open();
        File.WriteAllText(_names.RevokedFile!, "AB12\nnot an entry\n");

        IdentityFileChange change = Assert.Single(files.Refresh());

        Assert.Contains("Line 2", change.Problem?.Remedy, StringComparison.Ordinal);
        Assert.Equal(1, files.Current.Revoked.Count);
    }

    [Fact]
    public void All_problems_are_found_at_once()
    {
        File.WriteAllText(_names.CertificateFile!, "no pem");
        File.WriteAllText(_names.RevokedFile!, "no entry");
        IdentityFileNames names = _names with { AuthoritiesFile = _folder.At("none.pem") };

        Assert.Null(IdentityFiles.Open(names, _time, null, out IReadOnlyList<IdentityFileProblem> problems));

        Assert.Equal(["CertificateFile", "AuthoritiesFile", "RevokedFile"], problems.Select(problem => problem.Key));
        Assert.Null(IdentityFiles.Open(new IdentityFileNames { CertificateFile = "x" }, _time, null, out problems));
        Assert.Equal("KeyFile = (missing): A certificate and its key go together: name both, or neither.",
            Assert.Single(problems).ToString());
    }

    [Fact]
    public void Keys_that_cannot_be_used_are_told_apart()
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        PbeParameters pbe = new(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000);
        foreach ((string text, string sentence) in ((string, string)[])
        [
            (other.ExportPkcs8PrivateKeyPem(), "not the key of the certificate"),
            (other.ExportEncryptedPkcs8PrivateKeyPem("secret", pbe), "encrypted"),
            ("nonsense", "Expected a private key as PEM"),
            (File.ReadAllText(_names.CertificateFile!), "Expected a private key as PEM"),
        ])
        {
            File.WriteAllText(_names.KeyFile!, text);
            Assert.Null(IdentityFiles.Open(_names, _time, null, out IReadOnlyList<IdentityFileProblem> problems));
            Assert.Contains(sentence, Assert.Single(problems).Remedy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_rsa_pair_serves_as_well()
    {
        using RSA rsa = RSA.Create(2048);
        CertificateRequest request = new("CN=veh-042", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(_fleet.Now.AddHours(-1), _fleet.Now.AddHours(1));
        foreach (string key in (string[])[rsa.ExportPkcs8PrivateKeyPem(), rsa.ExportRSAPrivateKeyPem()])
        {
            File.WriteAllText(_names.CertificateFile!, certificate.ExportCertificatePem());
            File.WriteAllText(_names.KeyFile!, key);
            Assert.Equal(certificate.SerialNumber, Open().Current.Certificate?.SerialNumber);
        }
    }

    [Fact]
    public void Authorities_without_one_that_signed_itself_are_refused()
    {
        using DevelopmentAuthority between = _fleet.Authority.IssueAuthority("plant", _fleet.Now, _fleet.Now.AddHours(1));
        File.WriteAllText(_names.AuthoritiesFile!, between.ExportCertificatePem());

        Assert.Null(IdentityFiles.Open(_names, _time, null, out IReadOnlyList<IdentityFileProblem> problems));

        Assert.Contains("signed itself", Assert.Single(problems).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_the_owner_objects_to_does_not_come_in_force()
    {
        IdentityFiles files = IdentityFiles.Open(_names, _time, own => own.Subject == "CN=veh-042" ? null : "Not ours.", out _)!;
        using X509Certificate2 other = _fleet.Vehicle("veh-043");
        TestFleet.Write(_folder.Path, "own", other);

        Assert.Equal("Not ours.", Assert.Single(files.Refresh()).Problem?.Remedy);
        Assert.Equal("CN=veh-042", files.Current.Certificate!.Subject);
    }

    private IdentityFiles Open()
    {
        IdentityFiles? files = IdentityFiles.Open(_names, _time, null, out IReadOnlyList<IdentityFileProblem> problems);
        Assert.True(files is not null, string.Join('\n', problems));
        return files;
    }
}
