namespace AvSdk.Mcap;

/// <summary>
/// Whether the data section as a whole is as it was written, by its CRC. Read only when somebody asks, which is when
/// two definitions contradict one another.
/// </summary>
internal sealed class DataSectionCheck(IMcapSource source, SurvivingSummary summary, CancellationToken cancel)
{
    private const int StepBytes = 1 << 20;

    private bool? _isRight;

    public bool IsRight => _isRight ??= Check();

    private bool Check()
    {
        long end = summary.Start - McapFormat.DataEndRecordBytes;
        if (end < McapFormat.MagicBytes || summary.Start > source.Length)
            return false;
        using SourceView window = new(source, StepBytes);
        McapReadStatus status = McapRecordReader.TryRead(
            window.At(end, McapFormat.DataEndRecordBytes), McapLimits.Default, out McapRecordView record);
        if (status != McapReadStatus.Ok || record.Opcode != McapOpcode.DataEnd
            || !McapRecordReader.TryParseDataEnd(record.Content, out uint stored, out _) || stored == 0)
        {
            return false;
        }

        uint crc = 0;
        for (long at = 0; at < end; at += StepBytes)
        {
            cancel.ThrowIfCancellationRequested();
            crc = Crc32.Append(crc, window.At(at, (int)Math.Min(StepBytes, end - at)));
        }

        return crc == stored;
    }
}
