using System.Text.Json;

namespace AvSdk.Agent.Configuration;

/// <summary>
/// Reads a configuration file: JSON, in which comments and trailing commas are allowed. By hand and not by a
/// binder, since a binder stops at the first wrong type and keeps silent about keys that nothing reads.
/// </summary>
internal static class ConfigurationFile
{
    private const int FileBytesMax = 1 << 20;

    /// <summary>The configuration, or null with at least one problem.</summary>
    public static AgentConfiguration? Read(string file, ProblemList problems)
    {
        using JsonDocument? document = Parse(file, problems);
        if (document is null)
            return null;
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            problems.Add("", document.RootElement, "Expected an object: { ... }.");
            return null;
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        ConfigurationSection root = new("", document.RootElement, problems);
        AgentConfiguration configuration = new ConfigurationReader(folder).Read(root);
        return problems.IsEmpty ? configuration : null;
    }

    private static JsonDocument? Parse(string file, ProblemList problems)
    {
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > FileBytesMax } tooLarge)
            {
                problems.Add("", $"{tooLarge.Length} bytes",
                    "A configuration has at most 1 MiB: is this the right file?");
                return null;
            }

            return JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
            });
        }
        catch (JsonException broken)
        {
            problems.Add("", $"line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}",
                "Not JSON: " + FirstSentence(broken.Message));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add("", file, "No such file. Name the configuration with --config FILE.");
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            problems.Add("", file, $"Cannot be read: {denied.Message}");
        }

        return null;
    }

    // The message goes on with the position, which is told already.
    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
