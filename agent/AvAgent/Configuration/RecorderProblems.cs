using System.Globalization;
using AvSdk.Recording;

namespace AvSdk.Agent.Configuration;

/// <summary>
/// Adds what the recorder itself finds wrong, in the file's words: <c>Lanes[telemetry].ChunkBytes</c> becomes
/// <c>lanes[1].chunkBytes</c>. Keys that have a problem already are left out: the rest follows from it.
/// </summary>
internal static class RecorderProblems
{
    public static void AddTo(ProblemList problems, RecorderOptions options) =>
        AddTo(problems, options, options.Validate());

    /// <summary>As above, of what was found elsewhere.</summary>
    public static void AddTo(ProblemList problems, RecorderOptions options, IEnumerable<OptionProblem> found)
    {
        foreach (OptionProblem problem in found)
        {
            string key = KeyOf(problem, options);
            if (!problems.HasKeyOrParent(key))
                problems.Add(key, problem.Value, Sentence(problem.Remedy));
        }
    }

    private static string KeyOf(OptionProblem problem, RecorderOptions options)
    {
        string key = problem.Key;
        if (key == "VehicleId")
            return "vehicle.id";
        if (key == "SpoolFolder")
            return "spool.folder";
        if (key is "FreeBytesMin" or "AgeMax" or "KeepDamaged" or "MarksMax")
            return "spool." + CamelCase(key);
        if (key == "SpoolBytesMax")
            return "spool.bytesMax";
        if (key is "MemoryBytesMax" or "MessageBytesMax" or "CompressionWorkers")
            return "recorder." + CamelCase(key);
        if (key == "Lanes")
            return LaneIndex(options, problem.Value) is { } named ? $"lanes[{named}].name" : "lanes";

        if (key.StartsWith("Links.", StringComparison.Ordinal))
        {
            return string.Join('.', key.Split('.').Select(CamelCase))
                .Replace("links.links", "links.order", StringComparison.Ordinal);
        }

        int open = key.IndexOf('[', StringComparison.Ordinal);
        int close = key.IndexOf(']', StringComparison.Ordinal);
        if (open < 0 || close < open)
            return string.Join('.', key.Split('.').Select(CamelCase));

        string index = key[(open + 1)..close];
        if (key.StartsWith("Lanes[", StringComparison.Ordinal) && LaneIndex(options, index) is { } lane)
            index = lane.ToString(CultureInfo.InvariantCulture);
        string name = key[(close + 1)..].TrimStart('.');
        name = name == "Durability" ? "flushInterval" : CamelCase(name);
        return $"{CamelCase(key[..open])}[{index}].{name}";
    }

    // The last of the name: of two lanes with one name, the second is the one to rename.
    private static int? LaneIndex(RecorderOptions options, string name)
    {
        for (int index = options.Lanes.Count - 1; index >= 0; index--)
        {
            if (options.Lanes[index].Name == name)
                return index;
        }

        return null;
    }

    private static string CamelCase(string name) =>
        name.Length == 0 ? name : char.ToLowerInvariant(name[0]) + name[1..];

    private static string Sentence(string remedy) => remedy.Length == 0
        ? remedy
        : char.ToUpperInvariant(remedy[0]) + remedy[1..] + (remedy.EndsWith('.') ? "" : ".");
}
