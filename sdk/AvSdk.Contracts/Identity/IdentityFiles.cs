using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace AvSdk.Contracts.Identity;

/// <summary>
/// An identity on disk that may be replaced while it is in use: certificate and key as one, the authorities, the list of
/// the revoked. Connections that are open go on; new ones are made with what <see cref="Refresh"/> found last.
/// </summary>
/// <remarks>
/// Safe for threads. A certificate without its key, a file that is being written or a list with a wrong line changes
/// nothing and is told: what there was stays in force, and the next look tries again.
/// </remarks>
public sealed class IdentityFiles
{
    private readonly Lock _lock = new();
    private readonly WatchedFiles<SslStreamCertificateContext>? _own;
    private readonly WatchedFiles<X509Certificate2Collection>? _authorities;
    private readonly WatchedFiles<RevocationList>? _revoked;
    private readonly Func<X509Certificate2, string?>? _accept;
    private IdentityMaterial _current = new(own: null, null, RevocationList.Empty);

    private IdentityFiles(IdentityFileNames names, TimeProvider time, Func<X509Certificate2, string?>? accept)
    {
        _accept = accept;
        if (names is { CertificateFile: { } certificate, KeyFile: { } key })
        {
            _own = new(
                [(nameof(names.CertificateFile), certificate), (nameof(names.KeyFile), key)],
                contents => PemReading.Pair(certificate, key, contents[0], contents[1], _accept), time);
        }

        if (names.AuthoritiesFile is { } authorities)
        {
            _authorities = new(
                [(nameof(names.AuthoritiesFile), authorities)],
                contents => PemReading.Authorities(authorities, contents[0]), time);
        }

        if (names.RevokedFile is { } revoked)
        {
            _revoked = new(
                [(nameof(names.RevokedFile), revoked)], contents => PemReading.Revoked(revoked, contents[0]), time);
        }
    }

    /// <summary>What new connections are made with.</summary>
    public IdentityMaterial Current => Volatile.Read(ref _current);

    /// <summary>Reads all files. Null: each of <paramref name="problems"/> says what to do about one.</summary>
    /// <param name="names">The files.</param>
    /// <param name="time">Decides how often bytes are looked at; it judges no certificate.</param>
    /// <param name="accept">
    /// What else must be true of one's own certificate, now and of every later one: null where it is, else a sentence.
    /// </param>
    /// <param name="problems">All there are.</param>
    public static IdentityFiles? Open(
        IdentityFileNames names, TimeProvider time, Func<X509Certificate2, string?>? accept,
        out IReadOnlyList<IdentityFileProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(time);
        List<IdentityFileProblem> found = [];
        if (names.CertificateFile is null != names.KeyFile is null)
        {
            string missing = names.KeyFile is null ? nameof(names.KeyFile) : nameof(names.CertificateFile);
            found.Add(new IdentityFileProblem(missing, "", "A certificate and its key go together: name both, or neither."));
        }

        IdentityFiles files = new(names, time, accept);
        found.AddRange(files.Refresh().Select(static change => change.Problem).OfType<IdentityFileProblem>());
        problems = found;
        return found.Count == 0 ? files : null;
    }

    /// <summary>Looks whether files changed, and puts in force what can be. Cheap where nothing changed.</summary>
    /// <returns>What there is to log; empty: nothing changed.</returns>
    public IReadOnlyList<IdentityFileChange> Refresh()
    {
        lock (_lock)
        {
            List<IdentityFileChange> changes = [];
            Note(_own, changes, static own => "own " + PemReading.Summary(own.TargetCertificate));
            Note(_authorities, changes, static authorities =>
                "trusted authorities: " + string.Join("; ", authorities.Select(PemReading.Summary)));
            Note(_revoked, changes, static revoked => string.Create(
                CultureInfo.InvariantCulture, $"revoked: {revoked.Count} certificates"));
            if (changes.Exists(static change => change.Problem is null))
            {
                Volatile.Write(ref _current, new IdentityMaterial(
                    _own?.Value, _authorities?.Value, _revoked?.Value ?? RevocationList.Empty));
            }

            return changes;
        }
    }

    private static void Note<T>(WatchedFiles<T>? watched, List<IdentityFileChange> changes, Func<T, string> describe)
        where T : class
    {
        if (watched?.Refresh() is not { } reading)
            return;
        changes.Add(new IdentityFileChange(
            reading.Value is { } value ? describe(value) : reading.Problem!.Key, reading.Problem));
    }
}
