// The journal of a spool: what happened to each chunk, so that nothing is sent or told twice without need.
//
// Layout    file "journal": 8 bytes "AVJRNL1\n", then records:
//           u32 LE length of content | u32 LE CRC-32 of content | content: u8 kind, then its fields
// Limits    content 1 byte to 1 MiB. The journal is written anew with what still matters at each open, and
//           when it has grown to 4 MiB.
// Crash     Appended without a flush, but for what a deletion depends on (positions of sources). A torn tail
//           is cut when it is read. Losing it costs sending again what the gateway already has, nothing else.
//           It is replaced by writing "journal.new", flushing it and renaming, so one of the two is whole.
//           A journal with damage before its end is copied to "journal.damaged", and what stood before goes to the new one:
//           the old one is there until that takes its place, since positions of sources may be nowhere else.
// No read   A journal that cannot be read now is never replaced: the new one stays in memory until the old one
//           was read, or was given up and put aside.
namespace AvSdk.Recording.Spool;

/// <summary>The journal: append-only, kept in memory as <see cref="JournalState"/>. Safe for any number of threads.</summary>
internal sealed class SpoolJournal : IDisposable
{
    public const string FileName = "journal";
    internal const string NewName = "journal.new";
    private const string DamagedName = "journal.damaged";
    private const long RewriteBytes = 4 << 20;

    private readonly Lock _gate = new();
    private readonly ISpoolFiles _files;
    private readonly TimeProvider _time;
    private readonly JournalState _state = new();
    private readonly System.Buffers.ArrayBufferWriter<byte> _bytes = new(256);
    private ISpoolFile? _file;
    private bool _isLoaded;
    private long _rewriteAtBytes = RewriteBytes;

    private SpoolJournal(ISpoolFiles files, TimeProvider time)
    {
        _files = files;
        _time = time;
    }

    /// <summary>True: the file had damage before its end, and was put aside.</summary>
    public bool WasDamaged { get; private set; }

    /// <summary>The last thing the disk refused; null: nothing. The journal goes on in memory and tries again.</summary>
    public IOException? LastError { get; private set; }

    /// <summary>
    /// Reads the journal there is, and begins a new one with what it says. Where the disk refuses it begins in
    /// memory; <see cref="TryLoad"/> tries again.
    /// </summary>
    public static SpoolJournal Open(ISpoolFiles files, TimeProvider time)
    {
        SpoolJournal journal = new(files, time);
        lock (journal._gate)
            journal.TryRewrite();
        return journal;
    }

    /// <summary>True: what was in the file is known. It is read again if it could not be read before.</summary>
    /// <param name="givesUp">One that still cannot be read is put aside.</param>
    public bool TryLoad(bool givesUp)
    {
        lock (_gate)
        {
            if (_isLoaded || TryRewrite() || _isLoaded)
                return true;
            if (!givesUp)
                return false;
            PutAside();
            _isLoaded = true;
            TryRewrite();
            return true;
        }
    }

    public void Append(JournalRecord record)
    {
        lock (_gate)
        {
            _state.Apply(record);
            AppendHeld(record);
        }
    }

    /// <summary>Returns when everything appended is durable; false: the disk refused.</summary>
    public bool TryFlush()
    {
        lock (_gate)
        {
            if (_file is null)
                return TryRewrite();
            try
            {
                _file.Flush();
                return true;
            }
            catch (IOException error)
            {
                LastError = error;
                return TryRewrite();
            }
        }
    }

    /// <summary>Runs <paramref name="read"/> over the state, which must not be kept.</summary>
    public T Read<T>(Func<JournalState, T> read)
    {
        lock (_gate)
            return read(_state);
    }

    public long NowMilliseconds => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private bool Load()
    {
        if (_isLoaded)
            return true;
        try
        {
            bool hasNew = false, hasOld = false;
            foreach (SpoolFileEntry entry in _files.List())
            {
                hasOld |= entry.Name == FileName;
                hasNew |= entry.Name == NewName;
            }

            // A new one without an old one cannot be, but for a disk that broke its word; then it is all there is.
            if (hasOld)
                LoadFrom(FileName);
            else if (hasNew)
                LoadFrom(NewName);
            return _isLoaded = true;
        }
        catch (IOException error)
        {
            LastError = error;
            return false;
        }
    }

    private void LoadFrom(string name)
    {
        byte[] bytes;
        using (ISpoolFile file = _files.Open(name))
        {
            bytes = new byte[checked((int)file.LengthBytes)];
            int read = file.Read(0, bytes);
            Array.Resize(ref bytes, read);
        }

        if (bytes.Length == 0)
            return;
        if (!bytes.AsSpan().StartsWith(JournalCodec.Magic))
        {
            // Torn while it was being created, or not ours.
            if (!JournalCodec.Magic.StartsWith(bytes))
                KeepDamaged(bytes);
            return;
        }

        int at = JournalCodec.Magic.Length;
        while (at < bytes.Length && JournalCodec.TryRead(bytes.AsSpan(at), out JournalRecord? record, out int length))
        {
            if (record is not null)
                _state.Apply(record);
            at += length;
        }

        if (at < bytes.Length && HasRecordAfter(bytes.AsSpan(at)))
            KeepDamaged(bytes);
    }

    // A torn tail has nothing whole after it; where there is, the bytes before it were damaged.
    internal static bool HasRecordAfter(ReadOnlySpan<byte> rest)
    {
        for (int at = 1; at < Math.Min(rest.Length, 64 << 10); at++)
        {
            if (JournalCodec.TryRead(rest[at..], out JournalRecord? record, out _) && record is not null)
                return true;
        }

        return false;
    }

    private void KeepDamaged(byte[] bytes)
    {
        WasDamaged = true;
        try
        {
            _files.Delete(DamagedName);
            using ISpoolFile file = _files.Create(DamagedName);
            file.Append(bytes);
            file.Flush();
        }
        catch (IOException error)
        {
            LastError = error;
        }
    }

    // One that cannot be read cannot be copied.
    private void PutAside()
    {
        WasDamaged = true;
        try
        {
            _files.Rename(FileName, DamagedName);
        }
        catch (IOException error)
        {
            LastError = error;
        }
    }

    private void AppendHeld(JournalRecord record)
    {
        if (_file is null || _file.LengthBytes > _rewriteAtBytes)
        {
            // The state has the record already.
            TryRewrite();
            return;
        }

        _bytes.ResetWrittenCount();
        JournalCodec.Write(record, _bytes);
        try
        {
            _file.Append(_bytes.WrittenSpan);
        }
        catch (IOException error)
        {
            LastError = error;
            TryRewrite();
        }
    }

    private bool TryRewrite()
    {
        _file?.Dispose();
        _file = null;
        if (!Load())
            return false;
        System.Buffers.ArrayBufferWriter<byte> output = new(4096);
        System.Buffers.BuffersExtensions.Write(output, JournalCodec.Magic);
        foreach (JournalRecord record in _state.Snapshot())
            JournalCodec.Write(record, output);
        ISpoolFile? file = null;
        try
        {
            _files.Delete(NewName);
            file = _files.Create(NewName);
            file.Append(output.WrittenSpan);
            file.Flush();
            _files.Rename(NewName, FileName);
            _file = file;
            _rewriteAtBytes = Math.Max(RewriteBytes, 2L * output.WrittenCount);
            return true;
        }
        catch (IOException error)
        {
            LastError = error;
            file?.Dispose();
            return false;
        }
    }
}
