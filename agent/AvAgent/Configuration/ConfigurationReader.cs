using AvSdk.Agent.Commands;
using AvSdk.Recording;
using AvSdk.Recording.Live;
using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Configuration;

/// <summary>
/// Reads the sections of a configuration. Relative paths start at <paramref name="folder"/>, the
/// configuration's own. What comes back when there were problems has gaps, and is good only for finding more
/// of them.
/// </summary>
internal sealed class ConfigurationReader(string folder)
{
    public AgentConfiguration Read(ConfigurationSection root)
    {
        RecorderOptions recorder = ReadRecorder(root);
        AgentConfiguration configuration = new()
        {
            Recorder = recorder,
            Gateway = new GatewayReader(folder, recorder.VehicleId).Read(root.Section("gateway")),
            Sources = new SourceReader(folder).Read(root),
            LedgerKeyFile = LedgerReader.Read(root.Section("ledger"), folder),
            Logging = ReadLogging(root.Section("logging")),
        };
        root.Done();
        GatewayReader.CheckLinks(configuration, root.Problems);
        if (recorder.Live.Count > 0 && configuration.Gateway is not { Mqtt: not null })
        {
            root.Problems.Add(
                "live", $"{recorder.Live.Count} rules",
                "Only a broker has an audience: use mqtts:// in gateway.address, or remove it.");
        }

        RecorderProblems.AddTo(root.Problems, configuration.Recorder);
        return configuration;
    }

    private RecorderOptions ReadRecorder(ConfigurationSection root)
    {
        ConfigurationSection? vehicle = root.Section("vehicle", isRequired: true);
        RecorderOptions options = new()
        {
            VehicleId = vehicle?.Text("id", "veh-042", isRequired: true) ?? "",
            Software = VersionCommand.Software,
        };
        options = options with { Labels = vehicle?.TextMap("labels") ?? options.Labels };
        vehicle?.Done();

        options = ReadSpool(root.Section("spool", isRequired: true), options);
        options = ReadMemory(root.Section("recorder"), options);
        return options with
        {
            Lanes = LaneReader.ReadLanes(root) ?? options.Lanes,
            LaneRules = LaneReader.ReadRules(root) ?? options.LaneRules,
            DefaultLane = root.Text("defaultLane", "telemetry"),
            Live = root.Sections("live")?.Select(ReadLive).ToList() ?? options.Live,
            Upload = ReadUpload(root.Section("upload"), options.Upload),
            Links = LinkReader.Read(root.Section("links")),
        };
    }

    private static LiveRule ReadLive(ConfigurationSection section)
    {
        LiveRule rule = new(section.Text("topics", "/gnss", isRequired: true) ?? "");
        rule = rule with
        {
            RateMax = section.Number("rateMax", 0.001, 100) ?? rule.RateMax,
            MessageBytesMax = section.SmallSize("messageBytesMax", "64 KiB") ?? rule.MessageBytesMax,
        };
        section.Done();
        return rule;
    }

    private RecorderOptions ReadSpool(ConfigurationSection? section, RecorderOptions options)
    {
        if (section is null)
            return options;

        string? path = section.Text("folder", "/var/lib/avagent/spool", isRequired: true);
        options = options with
        {
            SpoolFolder = path is null ? null : Path.GetFullPath(path, folder),
            FreeBytesMin = section.Size("freeBytesMin", "1 GiB") ?? options.FreeBytesMin,
            SpoolBytesMax = section.Size("bytesMax", "64 GiB") ?? options.SpoolBytesMax,
            AgeMax = section.Duration("ageMax", "30 d") ?? options.AgeMax,
            KeepDamaged = section.Flag("keepDamaged") ?? options.KeepDamaged,
            MarksMax = section.Integer("marksMax") ?? options.MarksMax,
        };
        section.Done();

        // A disk that refuses now is none of the configuration's: recording begins in memory then.
        if (options.SpoolFolder is not null && FolderProbe.WhyNotWritable(options.SpoolFolder, out bool isOfTheDisk) is { } reason
            && !isOfTheDisk)
            section.Problems.Add(section.PathOf("folder"), ConfigurationSection.Quote(path!), reason);
        return options;
    }

    private static RecorderOptions ReadMemory(ConfigurationSection? section, RecorderOptions options)
    {
        if (section is null)
            return options;

        options = options with
        {
            MemoryBytesMax = section.Size("memoryBytesMax", "64 MiB") ?? options.MemoryBytesMax,
            MessageBytesMax = section.SmallSize("messageBytesMax", "16 MiB") ?? options.MessageBytesMax,
            CompressionWorkers = section.Integer("compressionWorkers") ?? options.CompressionWorkers,
        };
        section.Done();
        return options;
    }

    private static UploadOptions ReadUpload(ConfigurationSection? section, UploadOptions options)
    {
        if (section is null)
            return options;

        options = options with
        {
            RetryDelay = section.Duration("retryDelay", "500 ms") ?? options.RetryDelay,
            RetryDelayMax = section.Duration("retryDelayMax", "30 s") ?? options.RetryDelayMax,
            RetryAfterMax = section.Duration("retryAfterMax", "10 min") ?? options.RetryAfterMax,
            AnswerTimeout = section.Duration("answerTimeout", "30 s") ?? options.AnswerTimeout,
            PartBytes = section.SmallSize("partBytes", "256 KiB") ?? options.PartBytes,
            AnnounceChunksMax = section.Integer("announceChunksMax") ?? options.AnnounceChunksMax,
            ReplyTimeout = section.Duration("replyTimeout", "2 min") ?? options.ReplyTimeout,
            DrainTimeout = section.Duration("drainTimeout", "10 s") ?? options.DrainTimeout,
        };
        section.Done();
        return options;
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
