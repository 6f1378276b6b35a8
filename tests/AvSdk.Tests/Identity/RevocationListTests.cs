using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;

namespace AvSdk.Tests.Identity;

public sealed class RevocationListTests : IDisposable
{
    private readonly TestFleet _fleet = new();
    private readonly X509Certificate2 _certificate;

    public RevocationListTests() => _certificate = _fleet.Vehicle("veh-042");

    private string Fingerprint => _certificate.GetCertHashString(HashAlgorithmName.SHA256);

    private string Serial => _certificate.SerialNumber;

    public void Dispose()
    {
        _certificate.Dispose();
        _fleet.Dispose();
    }

    [Fact]
    public void Serial_numbers_and_fingerprints_are_found_in_every_way_of_writing_them()
    {
        string colons = string.Join(':', Fingerprint.Chunk(2).Select(pair => new string(pair)));
        foreach (string line in (string[])
            [Serial, Serial.ToLowerInvariant(), "00" + Serial, $"serial={Serial}", $"  {Serial}  # stolen\t", Fingerprint, colons,
                colons.ToLowerInvariant(), $"sha256 Fingerprint={colons}", $"\ufeff{Serial}"])
        {
            Assert.True(Parse($"# revoked\n\n{line}\r\n").Has(_certificate), line);
        }
    }

    [Fact]
    public void Others_are_not_found()
    {
        using X509Certificate2 other = _fleet.Vehicle("veh-042");
        RevocationList list = Parse($"{Serial}\n{Fingerprint}\n{Serial}");

        Assert.False(list.Has(other));
        Assert.Equal(2, list.Count);
        Assert.False(RevocationList.Empty.Has(_certificate));
        Assert.False(Parse("# nobody\n   \n").Has(_certificate));
    }

    [Theory]
    [InlineData("veh-042")]
    [InlineData("12 34")]
    [InlineData("serial=")]
    [InlineData("issuer=12AB")]
    [InlineData("0123456789012345678901234567890123456789AB")]
    [InlineData("-----BEGIN X509 CRL-----")]
    public void A_line_that_is_neither_comment_nor_entry_makes_no_list_at_all(string line)
    {
        Assert.Null(RevocationList.TryParse($"{Serial}\n# ok\n{line}\nxyz", out IReadOnlyList<string> problems));

        Assert.Equal(2, problems.Count);
        Assert.StartsWith($"Line 3 is \"{line}\": expected a serial number", problems[0], StringComparison.Ordinal);
        Assert.StartsWith("Line 4 is \"xyz\"", problems[1], StringComparison.Ordinal);
    }

    private static RevocationList Parse(string text)
    {
        RevocationList? list = RevocationList.TryParse(text, out IReadOnlyList<string> problems);
        Assert.True(list is not null, string.Join('\n', problems));
        return list;
    }
}
