using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Inspection;

/// <summary>A journal as it lies there, read without writing a new one.</summary>
internal sealed record JournalReading
{
    public JournalState State { get; } = new();

    public bool IsThere { get; private init; }

    /// <summary>Something whole follows what is not: bytes were lost that had been written.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Bytes that a kill left unfinished at the end.</summary>
    public long TornBytes { get; private set; }

    /// <exception cref="IOException">The disk refused.</exception>
    public static JournalReading Read(ISpoolFiles files)
    {
        HashSet<string> names = [.. files.List().Select(static entry => entry.Name)];
        string? name = names.Contains(SpoolJournal.FileName) ? SpoolJournal.FileName
            : names.Contains(SpoolJournal.NewName) ? SpoolJournal.NewName
            : null;
        if (name is null)
            return new JournalReading();
        byte[] bytes;
        using (ISpoolFile file = files.Open(name))
        {
            bytes = new byte[checked((int)file.LengthBytes)];
            Array.Resize(ref bytes, file.Read(0, bytes));
        }

        JournalReading reading = new() { IsThere = true };
        reading.Take(bytes);
        return reading;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(JournalCodec.Magic))
        {
            IsDamaged = !JournalCodec.Magic.StartsWith(bytes);
            TornBytes = IsDamaged ? 0 : bytes.Length;
            return;
        }

        int at = JournalCodec.Magic.Length;
        while (at < bytes.Length && JournalCodec.TryRead(bytes[at..], out JournalRecord? record, out int length))
        {
            if (record is not null)
                State.Apply(record);
            at += length;
        }

        if (at == bytes.Length)
            return;
        IsDamaged = SpoolJournal.HasRecordAfter(bytes[at..]);
        TornBytes = IsDamaged ? 0 : bytes.Length - at;
    }
}
