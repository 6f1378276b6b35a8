using System.Text.Json;

namespace AvSdk.SystemTests.Drive;

/// <summary>A recorded drive of <c>../shared/drives</c>, and what is true of it.</summary>
internal sealed class ExpectedDrive
{
    private ExpectedDrive(string file, ulong messages, IReadOnlyDictionary<string, string> hashes) =>
        (File, Messages, Hashes) = (file, messages, hashes);

    public string File { get; }

    public ulong Messages { get; }

    /// <summary>By topic: SHA-256 over log time, sequence and payload of each message.</summary>
    public IReadOnlyDictionary<string, string> Hashes { get; }

    /// <summary>Skips the running test where the drive is absent.</summary>
    public static ExpectedDrive Require(string name)
    {
        string file = SharedFiles.Require("drives", name + ".mcap");
        using JsonDocument truth = JsonDocument.Parse(
            System.IO.File.ReadAllBytes(SharedFiles.Require("drives", name + ".expect.json")));
        return new(
            file,
            truth.RootElement.GetProperty("total_messages").GetUInt64(),
            truth.RootElement.GetProperty("topics").EnumerateArray().ToDictionary(
                topic => topic.GetProperty("topic").GetString()!, topic => topic.GetProperty("sha256").GetString()!));
    }
}
