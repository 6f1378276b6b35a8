using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Configuration;

/// <summary>
/// Reads the sections of a configuration. Relative paths start at <paramref name="folder"/>, the configuration's own.
/// What comes back when there were problems has gaps, and is good only for finding more of them.
/// </summary>
internal sealed class ConfigurationReader(string folder)
{
    private static readonly TimeSpan DrainTimeMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan DrainTimeDefault = TimeSpan.FromSeconds(10);

    public AgentConfiguration Read(ConfigurationSection root)
    {
        ConfigurationSection? vehicle = root.Section("vehicle", isRequired: true);
        string? vehicleId = vehicle?.Text("id", "veh-042", isRequired: true);
        IReadOnlyDictionary<string, string>? labels = vehicle?.TextMap("labels");
        vehicle?.Done();

        AgentConfiguration configuration = new()
        {
            VehicleId = vehicleId ?? "",
            Labels = labels ?? new Dictionary<string, string>(),
            Gateway = GatewayReader.Read(root.Section("gateway"), root.Problems),
            Spool = ReadSpool(root.Section("spool", isRequired: true)),
            Recorder = ReadRecorder(root.Section("recorder")),
            Lanes = LaneReader.ReadLanes(root),
            LaneRules = LaneReader.ReadRules(root),
            Sources = new SourceReader(folder).Read(root),
            Logging = ReadLogging(root.Section("logging")),
            DrainTime = root.Duration("drainTime", "10 s", DrainTimeMax) ?? DrainTimeDefault,
        };
        root.Done();
        return configuration;
    }

    private SpoolConfiguration ReadSpool(ConfigurationSection? section)
    {
        string? path = section?.Text("folder", "/var/lib/avagent/spool", isRequired: true);
        SpoolConfiguration spool = new(
            path is null ? "" : Path.GetFullPath(path, folder),
            section?.Size("quota", "20 GiB"),
            section?.Size("freeSpaceFloor", "1 GiB"));
        section?.Done();

        if (path is not null && FolderProbe.WhyNotWritable(spool.Folder) is { } reason)
            section!.Problems.Add(section.PathOf("folder"), spool.Folder, reason);
        return spool;
    }

    private static RecorderConfiguration ReadRecorder(ConfigurationSection? section)
    {
        RecorderConfiguration recorder = new(
            section?.Size("memory", "64 MiB"),
            section?.Size("messageSizeMax", "64 MiB"),
            section?.Integer("compressionWorkers", 1, 64));
        section?.Done();
        return recorder;
    }

    private static LoggingConfiguration ReadLogging(ConfigurationSection? section)
    {
        LogLevel? level = section?.Choice("level", isRequired: false,
            ("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("information", LogLevel.Information),
            ("warning", LogLevel.Warning), ("error", LogLevel.Error), ("none", LogLevel.None));
        LogFormat? format = section?.Choice("format", isRequired: false,
            ("text", LogFormat.Text), ("json", LogFormat.Json));
        section?.Done();
        return new(level ?? LogLevel.Information, format ?? LogFormat.Text);
    }
}
