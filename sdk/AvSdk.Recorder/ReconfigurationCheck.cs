using System.Globalization;
using AvSdk.Recording.Uplink;

namespace AvSdk.Recording;

/// <summary>What must hold of options that are to be put in force at run time.</summary>
internal static class ReconfigurationCheck
{
    private const int LanesMax = 16;

    public static IReadOnlyList<OptionProblem> Problems(
        RecorderOptions before, RecorderOptions after, IUplink? uplink, bool hasUplink)
    {
        List<OptionProblem> problems = [.. after.Validate()];
        void Same<T>(string key, T was, T now, string why)
        {
            if (!EqualityComparer<T>.Default.Equals(was, now))
            {
                problems.Add(new OptionProblem(
                    key, Convert.ToString(now, CultureInfo.InvariantCulture) ?? "",
                    $"cannot change at run time, {why}: it is {was}; restart to change it"));
            }
        }

        Same("VehicleId", before.VehicleId, after.VehicleId, "a recording is of one vehicle");
        Same("SpoolFolder", before.SpoolFolder, after.SpoolFolder, "the spool is open and locked");
        Same("MemoryBytesMax", before.MemoryBytesMax, after.MemoryBytesMax, "messages are held in it");
        Same("CompressionWorkers", before.CompressionWorkers, after.CompressionWorkers, "they are at work");
        Same("Software", before.Software, after.Software, "it is who records");
        if (uplink is not null && !hasUplink)
            problems.Add(new OptionProblem("Uplink", uplink.Name, "there was none at the start; restart to have one"));
        return problems;
    }

    /// <summary>A recording keeps every lane it had, for its numbers: there is an end to new names.</summary>
    public static OptionProblem? LanesProblem(IEnumerable<string> had, IEnumerable<string> wanted)
    {
        int all = had.Union(wanted).Count();
        return all <= 4 * LanesMax
            ? null
            : new OptionProblem(
                "Lanes", all.ToString(CultureInfo.InvariantCulture),
                $"a recording has at most {4 * LanesMax} lanes over its time; use names it had, or restart");
    }
}
