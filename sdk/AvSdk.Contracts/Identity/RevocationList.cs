using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AvSdk.Contracts.Identity;

/// <summary>
/// Certificates that count no more though their time is not over, as text: a serial number or a SHA-256 fingerprint a
/// line, in hexadecimal, with or without colons; <c>#</c> begins a comment. What <c>openssl x509 -noout -serial</c> and
/// <c>-fingerprint -sha256</c> print can be appended as it is. Immutable.
/// </summary>
/// <remarks>
/// 64 digits are a fingerprint, 1 to 40 a serial number. A serial number holds for every trusted authority.
/// </remarks>
public sealed class RevocationList
{
    private const int FingerprintDigits = 64;
    private const int SerialDigitsMax = 40;
    private readonly HashSet<string> _entries;

    private RevocationList(IEnumerable<string> entries) => _entries = new(entries, StringComparer.Ordinal);

    /// <summary>Nobody is revoked.</summary>
    public static RevocationList Empty { get; } = new([]);

    /// <summary>Entries, each counted once.</summary>
    public int Count => _entries.Count;

    /// <summary>
    /// Reads a list. Null where a line is neither comment nor entry: half a list would let somebody in. Each such line is
    /// a sentence in <paramref name="problems"/>.
    /// </summary>
    public static RevocationList? TryParse(string text, out IReadOnlyList<string> problems)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<string> found = [];
        List<string> entries = [];
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            int comment = line.IndexOf('#');
            ReadOnlySpan<char> content = (comment < 0 ? line : line[..comment]).Trim(" \t\ufeff");
            if (content.IsEmpty)
                continue;
            if (Entry(content) is { } entry)
                entries.Add(entry);
            else
            {
                found.Add($"Line {number} is \"{Shown(content)}\": expected a serial number (1 to 40 hexadecimal digits) or "
                    + "a SHA-256 fingerprint (64), with or without colons, or # and a comment.");
            }
        }

        problems = found;
        return found.Count == 0 ? new RevocationList(entries) : null;
    }

    /// <summary>Whether a certificate is on the list.</summary>
    public bool Has(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return _entries.Count > 0
            && (_entries.Contains(certificate.GetCertHashString(HashAlgorithmName.SHA256))
                || _entries.Contains(WithoutZeros(certificate.SerialNumber)));
    }

    private static string? Entry(ReadOnlySpan<char> content)
    {
        // openssl's words before the digits: "serial=", "sha256 Fingerprint=".
        int equals = content.IndexOf('=');
        if (equals >= 0)
        {
            ReadOnlySpan<char> label = content[..equals].Trim();
            if (!label.Equals("serial", StringComparison.OrdinalIgnoreCase)
                && !label.Equals("sha256 fingerprint", StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }

            content = content[(equals + 1)..].Trim();
        }

        string digits = content.ToString().Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
        if (digits.Length == 0 || !digits.All(char.IsAsciiHexDigit))
            return null;
        if (digits.Length == FingerprintDigits)
            return digits;
        return digits.Length <= SerialDigitsMax ? WithoutZeros(digits) : null;
    }

    private static string WithoutZeros(string serial) => serial.TrimStart('0') is { Length: > 0 } rest ? rest : "0";

    private static string Shown(ReadOnlySpan<char> text) => Printable.Begin(text, 80);
}
