using System.Globalization;
using AvSdk.Recording.Links;
using AvSdk.Recording.Live;

namespace AvSdk.Recording;

/// <summary>
/// What must hold of <see cref="RecorderOptions"/>; finds everything that does not, at once.
/// </summary>
internal sealed class RecorderOptionsCheck
{
    private readonly List<OptionProblem> _problems = [];

    public static IReadOnlyList<OptionProblem> Problems(RecorderOptions options)
    {
        RecorderOptionsCheck check = new();
        check.Check(options);
        return check._problems;
    }

    private void Check(RecorderOptions options)
    {
        if (!IsName(options.VehicleId, 128, static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            Add("VehicleId", options.VehicleId, "give 1 to 128 of A-Z a-z 0-9 . _ -, for example veh-042");
        Range("MemoryBytesMax", options.MemoryBytesMax, 1 << 20, 16L << 30, "bytes");
        Range("MessageBytesMax", options.MessageBytesMax, 1, 1 << 30, "bytes");
        if (options.MessageBytesMax > options.MemoryBytesMax / 5 * 2)
        {
            Add("MessageBytesMax", Text(options.MessageBytesMax),
                "a message is held twice while it is compressed: at most two fifths of MemoryBytesMax"
                + $" ({Text(options.MemoryBytesMax / 5 * 2)}), or raise MemoryBytesMax");
        }

        Range("CompressionWorkers", options.CompressionWorkers, 1, 64, "");
        Range("FreeBytesMin", options.FreeBytesMin, 0, long.MaxValue, "bytes");
        Range("MarksMax", options.MarksMax, 1, 10_000, "marks");
        if (options.SpoolBytesMax is { } spoolBytes)
            Range("SpoolBytesMax", spoolBytes, options.Lanes.Count * (4L << 20), long.MaxValue, "bytes, 4 MiB a lane");
        CheckAge("AgeMax", options.AgeMax, options.Lanes.Where(static lane => !lane.IsSync));
        if (options.Software.Length is 0 or > 128)
            Add("Software", options.Software, "give 1 to 128 characters, for example avagent/0.1.0");
        CheckUpload(options.Upload);
        CheckLanes(options);
        LinksCheck.AddTo(_problems, options.Links, options.Lanes);
        for (int at = 0; at < options.Live.Count; at++)
            CheckLive($"Live[{at}]", options.Live[at]);
        if (options is { Live.Count: > 0, Links.Links.Count: > 0 } && !options.Links.Links.Any(static link => link.CarriesLive))
        {
            Add("Live", $"{Text(options.Live.Count)} rules",
                "no link carries them: one with a budget, or not for all lanes, does only if its Live says so; or remove them");
        }
    }

    private void CheckLive(string key, LiveRule rule)
    {
        if (rule.Topics.Length == 0)
            Add(key + ".Topics", "", "give a topic or a glob, for example /gnss");
        if (rule.RateMax is not (> 0 and <= 100))
            Add(key + ".RateMax", rule.RateMax.ToString(CultureInfo.InvariantCulture), "more than 0 and at most 100, a second");
        Range(key + ".MessageBytesMax", rule.MessageBytesMax, 1, 1 << 20, "bytes");
    }

    private void CheckUpload(UploadOptions upload)
    {
        Range("Upload.RetryDelay", upload.RetryDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        Range("Upload.RetryDelayMax", upload.RetryDelayMax, upload.RetryDelay, TimeSpan.FromHours(1));
        Range("Upload.RetryAfterMax", upload.RetryAfterMax, TimeSpan.Zero, TimeSpan.FromDays(1));
        Range("Upload.AnswerTimeout", upload.AnswerTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Range("Upload.PartBytes", upload.PartBytes, 4 << 10, 4 << 20, "bytes");
        Range("Upload.AnnounceChunksMax", upload.AnnounceChunksMax, 1, 4096, "chunks");
        Range("Upload.ReplyTimeout", upload.ReplyTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Range("Upload.DrainTimeout", upload.DrainTimeout, TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    private void CheckLanes(RecorderOptions options)
    {
        if (options.Lanes.Count is 0 or > 16)
            Add("Lanes", Text(options.Lanes.Count), "name 1 to 16 lanes");
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (LaneOptions lane in options.Lanes)
        {
            if (!names.Add(lane.Name))
                Add("Lanes", lane.Name, "two lanes have this name: rename or remove one");
            CheckLane(lane);
        }

        string known = string.Join(", ", names);
        for (int at = 0; at < options.LaneRules.Count; at++)
        {
            LaneRule rule = options.LaneRules[at];
            if (rule.Topics.Length == 0)
                Add($"LaneRules[{at}].Topics", "", "give a topic or a glob, for example /camera/*");
            if (!names.Contains(rule.Lane))
                Add($"LaneRules[{at}].Lane", rule.Lane, $"no such lane; the lanes are {known}");
        }

        if (options.DefaultLane is { } name && !names.Contains(name))
            Add("DefaultLane", name, $"no such lane; the lanes are {known}");
    }

    private void CheckLane(LaneOptions lane)
    {
        string key = $"Lanes[{lane.Name}]";
        if (!IsPlainName(lane.Name))
            Add("Lanes", lane.Name, "a lane's name is 1 to 64 of a-z 0-9 _ -");
        Range(key + ".Priority", lane.Priority, -1000, 1000, "");
        Range(key + ".UploadWeight", lane.UploadWeight, 1, 1000, "");
        if (lane.UploadDeadline is { } deadline)
            Range(key + ".UploadDeadline", deadline, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365));
        if (!Enum.IsDefined(lane.UploadOrder))
            Add(key + ".UploadOrder", lane.UploadOrder.ToString(), "OldestFirst or NewestFirst");
        Range(key + ".ChunkBytes", lane.ChunkBytes, 64 << 10, 64 << 20, "bytes");
        Range(key + ".ChunkWindow", lane.ChunkWindow, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        Range(key + ".SegmentBytesMax", lane.SegmentBytesMax, 1 << 20, 1L << 40, "bytes");
        Range(key + ".SegmentAgeMax", lane.SegmentAgeMax, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Range(key + ".QuotaBytes", lane.QuotaBytes, 4 << 20, long.MaxValue, "bytes");
        Range(key + ".KeepAfterReceipt", lane.KeepAfterReceipt, TimeSpan.Zero, TimeSpan.FromDays(3650));
        Range(key + ".LargeMessageBytes", lane.LargeMessageBytes, 1 << 10, int.MaxValue, "bytes");
        Range(key + ".LargeChannelBytesPerSecond", lane.LargeChannelBytesPerSecond, 1 << 10, int.MaxValue, "bytes");
        if (!Enum.IsDefined(lane.WhenFull))
            Add(key + ".WhenFull", lane.WhenFull.ToString(), "Refuse, EvictOldest or Thin");
        if (lane.IsSync && lane.WhenFull != WhenFull.Refuse)
        {
            Add(key + ".WhenFull", lane.WhenFull.ToString(),
                "a sync lane keeps what it accepted: Refuse, or another durability");
        }

        Range(key + ".FreeBytesMin", lane.FreeBytesMin, 0, long.MaxValue, "bytes");
        if (lane.IsSync && lane.AgeMax is { } age)
        {
            Add(key + ".AgeMax", age.ToString("c", CultureInfo.InvariantCulture),
                "a sync lane keeps what it accepted: remove it");
        }
        else
        {
            CheckAge(key + ".AgeMax", lane.AgeMax, [lane]);
        }

        if (lane.Durability is LaneDurability.EveryInterval interval)
        {
            Range(key + ".Durability", interval.Window, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(60));
        }
    }

    // An open segment is never evicted, so it must be sealed by then.
    private void CheckAge(string key, TimeSpan? age, IEnumerable<LaneOptions> lanes)
    {
        if (age is null)
            return;
        TimeSpan least = lanes.MaxBy(static lane => lane.SegmentAgeMax)?.SegmentAgeMax ?? TimeSpan.FromSeconds(1);
        if (age < least)
        {
            Add(key, age.Value.ToString("c", CultureInfo.InvariantCulture),
                $"at least SegmentAgeMax ({least:c}), or lower that");
        }
    }

    /// <summary>Whether it can be the name of a lane or a link: 1 to 64 of <c>[a-z0-9_-]</c>.</summary>
    public static bool IsPlainName(string text) =>
        IsName(text, 64, static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-');

    private static bool IsName(string text, int lengthMax, Func<char, bool> allowed) =>
        text is { Length: > 0 } && text.Length <= lengthMax && text.All(allowed) && text is not ("." or "..");

    private void Range(string key, long value, long least, long most, string unit)
    {
        if (value < least || value > most)
            Add(key, Text(value), $"at least {Text(least)}{Limit(most)} {unit}".TrimEnd());
    }

    private void Range(string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            Add(key, value.ToString("c", CultureInfo.InvariantCulture), $"at least {least:c} and at most {most:c}");
    }

    private static string Limit(long most) => most == long.MaxValue ? "" : " and at most " + Text(most);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private void Add(string key, string value, string remedy) => _problems.Add(new OptionProblem(key, value, remedy));
}
