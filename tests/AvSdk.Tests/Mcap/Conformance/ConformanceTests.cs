using System.Text.Json;
using AvSdk.Conformance;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Conformance;

/// <summary>The official conformance suite, all of it, through the program that its harness would run.</summary>
public sealed class ConformanceTests
{
    private const int Files = 416;

    [Fact]
    public void Every_file_streamed_gives_the_records_that_the_suite_says()
    {
        List<string> wrong = [];
        foreach (string file in All("*.mcap"))
        {
            using JsonDocument ours = JsonDocument.Parse(StreamedRun.Read(File.OpenRead(file)));
            using JsonDocument theirs = Case(file);
            if (!JsonElement.DeepEquals(
                ours.RootElement.GetProperty("records"), theirs.RootElement.GetProperty("records")))
                wrong.Add(file);
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_file_by_index_gives_the_messages_that_the_suite_says()
    {
        List<string> wrong = [];
        int applicable = 0;
        foreach (string file in All("*.mcap"))
        {
            using JsonDocument ours = JsonDocument.Parse(IndexedRun.Read(file));
            using JsonDocument theirs = Case(file);
            IndexedExpectation expected = IndexedExpectation.Of(theirs.RootElement.GetProperty("records"));
            bool applies = Applies(theirs.RootElement);
            applicable += applies ? 1 : 0;
            using McapIndexedReader reader = McapIndexedReader.Open(file);
            Assert.True(reader.IsFromSummary || !applies, file);
            // A file whose summary does not lead to its messages is scanned; its statistics are not looked for.
            if (!expected.IsMetBy(ours.RootElement, withStatistics: reader.IsFromSummary))
                wrong.Add(file);
        }

        Assert.Empty(wrong);
        Assert.Equal(32, applicable);
    }

    [Fact]
    public void Every_file_that_can_be_written_is_written_byte_for_byte()
    {
        List<string> wrong = [];
        int written = 0;
        foreach (string file in All("*.json"))
        {
            if (file.Contains("-pad", StringComparison.Ordinal))
            {
                Assert.Throws<NotSupportedException>(() => WriteRun.Write(File.ReadAllBytes(file)));
                continue;
            }

            written++;
            byte[] expected = File.ReadAllBytes(Path.ChangeExtension(file, "mcap"));
            if (!expected.AsSpan().SequenceEqual(WriteRun.Write(File.ReadAllBytes(file))))
                wrong.Add(file);
        }

        Assert.Empty(wrong);
        Assert.Equal(Files / 2, written);
    }

    // The most that a runner of the suite asks of an indexed reader: messages, found by way of the summary alone.
    private static bool Applies(JsonElement testCase)
    {
        HashSet<string?> features =
            [.. testCase.GetProperty("meta").GetProperty("variant").GetProperty("features").EnumerateArray().Select(f => f.GetString())];
        return features.IsSupersetOf(["ch", "chx", "rch", "rsh"]);
    }

    private static string[] All(string pattern)
    {
        string[] files = Directory.GetFiles(
            SharedFiles.Require("mcap-conformance"), pattern, SearchOption.AllDirectories);
        Assert.Equal(Files, files.Length);
        return files;
    }

    private static JsonDocument Case(string mcapPath) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(mcapPath, "json")));
}
