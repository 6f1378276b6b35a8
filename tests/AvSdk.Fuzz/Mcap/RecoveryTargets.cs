using AvSdk.Mcap;

namespace AvSdk.Fuzz.Mcap;

/// <summary>
/// Recovery makes a good file of whatever comes, with no message that the original did not have as far as checksums
/// can tell; and the doctor takes everything.
/// </summary>
public static class RecoveryTargets
{
    public static void Recover(McapInput input, FuzzRandom random)
    {
        McapRecoveryOptions options = new()
        {
            Limits = FuzzLimits.Mcap,
            SalvageDamagedChunks = random.OneIn(3),
            ChunkBytes = random.OneIn(2) ? 300 : 1 << 16,
        };
        using MemoryStream output = new();
        McapRecoveryReport report;
        try
        {
            report = McapRecovery.Recover(new MemorySource(input.Bytes), new StreamSink(output), options);
        }
        catch (McapException e)
        {
            ReaderTargets.Look(e, input);
            if (output.Length > 0 && e.Error.Kind != McapErrorKind.CompressionUnavailable)
                throw new BrokenPromiseException($"recovery gave up after it had begun to write: {e.Message}");
            return;
        }

        byte[] file = output.ToArray();
        McapCheckReport check = McapDoctor.Check(new MemorySource(file), new McapCheckOptions());
        if (!check.IsGood)
            throw new BrokenPromiseException($"the recovered file is not good: {check.Findings[0].Code}, {check.Findings[0].What}");
        if (check.Messages != report.MessagesRecovered)
            throw new BrokenPromiseException($"{report.MessagesRecovered} messages recovered by the report, {check.Messages} in the file");
        if (report.Channels.Sum(c => c.Messages) != report.MessagesRecovered)
            throw new BrokenPromiseException("the channels' counts do not add up");
        Compare(input, report, file);
    }

    public static void Check(McapInput input, FuzzRandom random)
    {
        McapCheckReport report = McapDoctor.Check(new MemorySource(input.Bytes), new McapCheckOptions
        {
            Limits = FuzzLimits.Mcap,
            FindingsPerCodeMax = random.Between(1, 5),
        });
        foreach (McapFinding finding in report.Findings)
        {
            if (finding.Offset < 0 || finding.Offset > input.Bytes.Length)
                throw new BrokenPromiseException($"the doctor points to byte {finding.Offset}: {finding.Code}");
        }

        if (report.IsGood && !input.IsForged && !input.IsRearranged && report.Messages != input.Seed.Count && report.IsSealed)
            throw new BrokenPromiseException($"the doctor finds nothing wrong with {report.Messages} of {input.Seed.Count} messages");
    }

    private static void Compare(McapInput input, McapRecoveryReport report, byte[] file)
    {
        long foreign = 0;
        using McapStreamReader reader = new(new MemoryStream(file));
        while (reader.ReadMessage())
            foreign += input.Seed.Messages.Contains(McapSeed.Key(reader.Message)) ? 0 : 1;
        if (!input.IsForged && foreign > report.MessagesUnchecked)
        {
            throw new BrokenPromiseException($"{foreign} messages that the file never had, and only {report.MessagesUnchecked} of "
                + "the recovered ones are said to be without a checksum");
        }

        if (input.IsRearranged || input.IsForged || foreign > 0 || report.MessagesLost is not long lost)
            return;
        if (report.MessagesRecovered + lost != input.Seed.Count && report.WasSealed)
        {
            throw new BrokenPromiseException($"{report.MessagesRecovered} messages recovered and {lost} lost, of {input.Seed.Count}; "
                + string.Join(" | ", report.Skipped.Select(s => $"{s.Offset}+{s.Bytes} {s.MessagesLost} {s.Error.Sentence()}")));
        }
    }

    private static string Sentence(this McapError error) => error.Kind.ToString();
}
