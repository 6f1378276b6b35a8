using System.Text.Json;
using AvSdk.Testing;

namespace AvSdk.Tests.McapTool;

/// <summary>A recorded drive of <c>../shared/drives</c> with the truth beside it.</summary>
internal sealed record Drive(string Path, JsonElement Truth)
{
    /// <summary>SHA-256 by topic, as <see cref="DriveHash"/> has it.</summary>
    public IReadOnlyDictionary<string, string> Hashes { get; } = new SortedDictionary<string, string>(
        Truth.GetProperty("topics").EnumerateArray().ToDictionary(
            topic => topic.GetProperty("topic").GetString()!, topic => topic.GetProperty("sha256").GetString()!),
        StringComparer.Ordinal);

    /// <summary>Skips the running test where the drive is absent.</summary>
    public static Drive Require(string name)
    {
        string path = SharedFiles.Require("drives", name + ".mcap");
        using JsonDocument truth = JsonDocument.Parse(
            File.ReadAllBytes(SharedFiles.Require("drives", name + ".expect.json")));
        return new Drive(path, truth.RootElement.Clone());
    }

    public static IReadOnlyDictionary<string, string> HashesOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        using DriveHash hash = DriveHash.OfMcap(file);
        return hash.ToDictionary();
    }
}
