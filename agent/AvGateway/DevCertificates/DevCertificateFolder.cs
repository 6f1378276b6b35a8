// DIR/
//   ca.pem  ca.key                     the authority; made once, and never replaced
//   gateway.pem  gateway.key           the gateway's
//   vehicles/veh-042.pem  .key         a vehicle's each
//   clients/developer.pem  .key        a client's each
//   revoked.txt                        the list of the revoked, made empty
// Keys have mode 0600. A file that is there is replaced on --renew alone: written beside it and renamed, the key first;
// whoever looks in between finds a pair that does not fit, keeps what he has and looks again.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;
using AvSdk.Gateway.Identity;

namespace AvSdk.GatewayHost.DevCertificates;

/// <summary>A development authority on disk, and what it issued.</summary>
internal sealed class DevCertificateFolder(DevCertificateRequest request, TimeProvider time)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const string DefaultClient = "developer";
    private static readonly TimeSpan AuthorityTime = TimeSpan.FromDays(3650);

    // Clocks of vehicles are not always right.
    private static readonly TimeSpan Before = TimeSpan.FromHours(1);

    private readonly List<string> _lines = [];

    /// <summary>Makes what is missing, and renews what it is asked to; returns a line for each file.</summary>
    /// <exception cref="IOException">The disk refuses, or what is there cannot be used.</exception>
    public IReadOnlyList<string> Apply()
    {
        foreach (string folder in (string[])["", "vehicles", "clients"])
            MakeFolder(At(folder));
        using DevelopmentAuthority authority = OpenAuthority();
        bool renewsAll = request.Renew && request.Vehicles.Count == 0 && request.Clients.Count == 0;
        Issue("gateway", renewsAll || (request.Renew && request.ServerNames.Count > 0),
            (from, to) => authority.IssueServer(ServerNames(), from, to), authority);
        IssueAll("vehicles", PeerKind.Vehicle, request.Vehicles, renewsAll, authority);
        IReadOnlyList<string> clients = request.Clients.Count > 0 || Existing("clients").Any()
            ? request.Clients
            : [DefaultClient];
        IssueAll("clients", PeerKind.Client, clients, renewsAll, authority);
        if (!File.Exists(At("revoked.txt")))
        {
            Write(At("revoked.txt"), "# Revoked certificates: a serial number or SHA-256 fingerprint a line, as\n"
                + "# openssl x509 -noout -serial -in vehicles/veh-042.pem >> revoked.txt\n", Public);
        }

        return _lines;
    }

    /// <summary>Full path of a file in the folder.</summary>
    public string At(string name) => Path.GetFullPath(Path.Combine(request.Folder, name));

    /// <summary>Names of the vehicles or clients that have a certificate here.</summary>
    public IEnumerable<string> Existing(string kind) => Directory.EnumerateFiles(At(kind), "*.pem")
        .Select(static file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    private DevelopmentAuthority OpenAuthority()
    {
        (string certificateFile, string keyFile) = (At("ca.pem"), At("ca.key"));
        if (!File.Exists(certificateFile) && !File.Exists(keyFile))
        {
            DateTimeOffset now = time.GetUtcNow();
            DevelopmentAuthority made = DevelopmentAuthority.Create(
                $"AvSdk development authority {now:yyyy-MM-dd HH:mm:ss}", now - Before, now + AuthorityTime);
            Write(keyFile, made.ExportKeyPem(), Private);
            Write(certificateFile, made.ExportCertificatePem(), Public);
            Note("made", made.Certificate, certificateFile);
            return made;
        }

        try
        {
            DevelopmentAuthority kept = DevelopmentAuthority.FromPem(
                File.ReadAllText(certificateFile), File.ReadAllText(keyFile));
            Note("kept", kept.Certificate, certificateFile);
            return kept;
        }
        catch (Exception refused) when (refused is CryptographicException or ArgumentException or FileNotFoundException)
        {
            throw new IOException(
                $"{certificateFile} and {keyFile} are not an authority and its key: {refused.Message} Put both back, or name a "
                + "new folder; certificates of a lost authority cannot be added to.", refused);
        }
    }

    private void IssueAll(
        string kind, PeerKind peer, IReadOnlyList<string> names, bool renewsAll, DevelopmentAuthority authority)
    {
        foreach (string name in renewsAll ? Existing(kind).Union(names) : names.Distinct())
        {
            Issue(Path.Combine(kind, name), request.Renew,
                (from, to) => authority.Issue(new PeerIdentity(peer, name), from, to), authority);
        }
    }

    private void Issue(
        string name, bool renews, Func<DateTimeOffset, DateTimeOffset, X509Certificate2> issue, DevelopmentAuthority authority)
    {
        (string certificateFile, string keyFile) = (At(name + ".pem"), At(name + ".key"));
        bool isThere = File.Exists(certificateFile) || File.Exists(keyFile);
        if (isThere && !renews)
        {
            if (!File.Exists(certificateFile) || !File.Exists(keyFile))
            {
                throw new IOException(
                    $"Of {certificateFile} and {keyFile} one is missing: put it back, or issue both again with --renew.");
            }

            using X509Certificate2 kept = X509Certificate2.CreateFromPem(File.ReadAllText(certificateFile));
            Note("kept", kept, certificateFile);
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset to = now + TimeSpan.FromDays(request.Days);
        DateTimeOffset most = authority.Certificate.NotAfter.ToUniversalTime();
        using X509Certificate2 issued = issue(now - Before, to < most ? to : most);
        using ECDsa key = issued.GetECDsaPrivateKey()!;
        Write(keyFile, key.ExportPkcs8PrivateKeyPem(), Private);
        Write(certificateFile, issued.ExportCertificatePem(), Public);
        Note(isThere ? "renewed" : "made", issued, certificateFile);
    }

    // On renewal a gateway stays who it was.
    private IReadOnlyList<string> ServerNames()
    {
        if (request.ServerNames.Count > 0)
            return request.ServerNames;
        if (File.Exists(At("gateway.pem")))
        {
            using X509Certificate2 before = X509Certificate2.CreateFromPem(File.ReadAllText(At("gateway.pem")));
            X509SubjectAlternativeNameExtension[] names =
                [.. before.Extensions.OfType<X509SubjectAlternativeNameExtension>()];
            return
            [
                .. names.SelectMany(static name => name.EnumerateDnsNames()),
                .. names.SelectMany(static name => name.EnumerateIPAddresses()).Select(static address => address.ToString()),
            ];
        }

        string machine = Environment.MachineName;
        string[] own = ["localhost", "127.0.0.1", "::1"];
        return Uri.CheckHostName(machine) == UriHostNameType.Dns ? [.. own, machine] : own;
    }

    private void Note(string what, X509Certificate2 certificate, string file) =>
        _lines.Add(
            $"{what,-8} {file}  {certificate.Subject}, good until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm}Z");

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, Private | UnixFileMode.UserExecute);
    }

    private static void Write(string file, string text, UnixFileMode mode)
    {
        string beside = file + ".new";
        File.Delete(beside);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        using (StreamWriter writer = new(beside, options))
            writer.Write(text.EndsWith('\n') ? text : text + "\n");
        File.Move(beside, file, overwrite: true);
    }
}
