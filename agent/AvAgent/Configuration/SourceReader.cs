using System.Globalization;
using System.Text;

namespace AvSdk.Agent.Configuration;

/// <summary>The <c>sources</c> array.</summary>
internal sealed class SourceReader(string folder)
{
    // sockaddr_un.sun_path on Linux, less its terminating zero (unix(7)).
    private const int SocketPathBytesMax = 107;
    private const string Example = """{ "type": "socket", "path": "/run/avagent/ingest.sock" }""";

    private enum Kind
    {
        Socket,
        Replay,
        Simulated,
    }

    public IReadOnlyList<SourceConfiguration> Read(ConfigurationSection root)
    {
        IReadOnlyList<ConfigurationSection>? sections = root.Sections("sources");
        if (sections is null && !root.Problems.HasKey("sources"))
            root.Problems.AddMissing("sources",
                $"Give at least one source, such as [ {Example} ].");
        if (sections is { Count: 0 } && !root.Problems.HasKey("sources[0]"))
            root.Problems.Add("sources", "[]",
                $"Give at least one source, such as {Example}.");

        List<SourceConfiguration> sources = [];
        foreach (ConfigurationSection section in sections ?? [])
        {
            if (ReadSource(section) is not { } source)
                continue;
            if (source is SocketSource socket
                && sources.OfType<SocketSource>().Any(other => other.Path == socket.Path))
            {
                root.Problems.Add(section.PathOf("path"), ConfigurationSection.Quote(socket.Path),
                    "Another source listens there: give each socket a path of its own.");
            }

            sources.Add(source);
        }

        return sources;
    }

    private SourceConfiguration? ReadSource(ConfigurationSection section)
    {
        Kind? kind = section.Choice("type", isRequired: true,
            ("socket", Kind.Socket), ("replay", Kind.Replay), ("simulated", Kind.Simulated));
        SourceConfiguration? source = kind switch
        {
            Kind.Socket => ReadSocket(section),
            Kind.Replay => ReadReplay(section),
            Kind.Simulated => ReadSimulated(section),
            _ => null,
        };
        if (kind is not null)
            section.Done();
        return source;
    }

    private SocketSource? ReadSocket(ConfigurationSection section)
    {
        string? path = section.Text("path", "/run/avagent/ingest.sock", isRequired: true);
        UnixFileMode? mode = ReadMode(section);
        SourceFullPolicy whenFull = section.Choice("whenFull", isRequired: false,
            ("wait", SourceFullPolicy.Wait), ("drop", SourceFullPolicy.Drop)) ?? SourceFullPolicy.Wait;
        if (path is null)
            return null;

        string fullPath = Path.GetFullPath(path, folder);
        int pathBytes = Encoding.UTF8.GetByteCount(fullPath);
        if (pathBytes > SocketPathBytesMax)
        {
            section.Problems.Add(section.PathOf("path"), ConfigurationSection.Quote(path), string.Create(
                CultureInfo.InvariantCulture,
                $"The full path has {pathBytes} bytes; a socket's has at most {SocketPathBytesMax}: shorten it."));
            return null;
        }

        if (FolderProbe.WhyNotWritable(Path.GetDirectoryName(fullPath) ?? "/") is { } reason)
            section.Problems.Add(section.PathOf("path"), ConfigurationSection.Quote(path), reason);
        return new(fullPath, mode, whenFull);
    }

    private static UnixFileMode? ReadMode(ConfigurationSection section)
    {
        string? text = section.Text("mode", "0660");
        if (text is null)
            return null;
        bool isOctal = text.Length is 3 or 4 && text.All(digit => digit is >= '0' and <= '7');
        int mode = isOctal ? Convert.ToInt32(text, 8) : -1;
        if (mode is >= 0 and <= 0x1FF)
            return (UnixFileMode)mode;
        section.Problems.Add(section.PathOf("mode"), ConfigurationSection.Quote(text),
            "Expected permissions as three or four octal digits, such as \"0660\".");
        return null;
    }

    private ReplaySource? ReadReplay(ConfigurationSection section)
    {
        string? file = section.Text("file", "/data/drive.mcap", isRequired: true);
        double rate = section.Number("rate", 0, 1000) ?? 1;
        if (file is null)
            return null;

        string fullPath = Path.GetFullPath(file, folder);
        if (!File.Exists(fullPath))
            section.Problems.Add(section.PathOf("file"), ConfigurationSection.Quote(file),
                "No such file: give the path of an MCAP file that the agent may read.");
        return new(fullPath, rate);
    }

    private static SimulatedSource ReadSimulated(ConfigurationSection section) => new(
        section.Integer("seed", 0, int.MaxValue) ?? 1,
        section.Duration("duration", "10 min"),
        section.Number("rate", 0, 1000) ?? 1);
}
