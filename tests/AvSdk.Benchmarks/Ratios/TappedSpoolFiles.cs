using AvSdk.Recording.Spool;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>A spool's files in a folder, with what is measured counted, and flushes left out where asked for.</summary>
internal sealed class TappedSpoolFiles(string folder) : ISpoolFiles
{
    private readonly FolderSpoolFiles _files = FolderSpoolFiles.OpenFolder(folder);
    private long _flushes;
    private long _segmentBytes;
    private long _ledgerBytes;
    private long _ledgerCpuTicks;

    /// <summary>False: a flush returns at once, as if the disk had answered.</summary>
    public bool Flushes { get; init; } = true;

    /// <summary>How long each flush takes beyond what it takes. Default: no longer.</summary>
    public TimeSpan FlushTime { get; init; }

    public long FlushCount => Interlocked.Read(ref _flushes);

    public long SegmentBytes => Interlocked.Read(ref _segmentBytes);

    /// <summary>All bytes written to ledgers, also those of a file that replaced another.</summary>
    public long LedgerBytes => Interlocked.Read(ref _ledgerBytes);

    /// <summary>What the calling threads computed, kernel included, in calls for ledgers' files.</summary>
    public double LedgerCpuSeconds => Interlocked.Read(ref _ledgerCpuTicks) / 1e9;

    public string Name => _files.Name;

    public long FreeBytes => _files.FreeBytes;

    public IReadOnlyList<SpoolFileEntry> List() => _files.List();

    public ISpoolFile Create(string name) => Timed(name, () => new TappedFile(this, _files.Create(name)));

    public ISpoolFile Open(string name) => Timed(name, () => new TappedFile(this, _files.Open(name)));

    public void Rename(string name, string newName) => Timed(name, () =>
    {
        _files.Rename(name, newName);
        return true;
    });

    public void Delete(string name) => _files.Delete(name);

    public void FlushDeletions(string folder)
    {
        if (Flushes)
            _files.FlushDeletions(folder);
    }

    public void Dispose() => _files.Dispose();

    private static bool IsLedger(string name) => name.Contains(".ledger", StringComparison.Ordinal);

    private T Timed<T>(string name, Func<T> call)
    {
        if (!IsLedger(name))
            return call();
        double start = ThreadClock.Seconds;
        T result = call();
        Interlocked.Add(ref _ledgerCpuTicks, (long)((ThreadClock.Seconds - start) * 1e9));
        return result;
    }

    private sealed class TappedFile(TappedSpoolFiles files, ISpoolFile file) : ISpoolFile
    {
        public string Name => file.Name;

        public long LengthBytes => file.LengthBytes;

        public void Append(ReadOnlySpan<byte> data)
        {
            if (!IsLedger(Name))
            {
                file.Append(data);
                if (Name.EndsWith(".mcap", StringComparison.Ordinal))
                    Interlocked.Add(ref files._segmentBytes, data.Length);
                return;
            }

            double start = ThreadClock.Seconds;
            file.Append(data);
            Interlocked.Add(ref files._ledgerCpuTicks, (long)((ThreadClock.Seconds - start) * 1e9));
            Interlocked.Add(ref files._ledgerBytes, data.Length);
        }

        public int Read(long offset, Span<byte> destination) => file.Read(offset, destination);

        public void Truncate(long lengthBytes) => file.Truncate(lengthBytes);

        public void Flush()
        {
            Interlocked.Increment(ref files._flushes);
            if (!files.Flushes)
                return;
            files.Timed(Name, () =>
            {
                file.Flush();
                return true;
            });
            if (files.FlushTime > TimeSpan.Zero)
            {
                using ManualResetEventSlim never = new();
                never.Wait(files.FlushTime);
            }
        }

        public void Dispose() => file.Dispose();
    }
}
