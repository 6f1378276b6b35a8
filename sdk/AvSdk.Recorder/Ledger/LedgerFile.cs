// The ledger of one recording in the spool: what became of every message and chunk, a chain by SHA-256.
//
// Layout    file "<recording id>.ledger": 8 bytes "AVLEDG1\n", then for each entry:
//           u32 LE length of content | u32 LE CRC-32 of content | content: av.v1.LedgerEntry (ledger.proto), which
//           holds the hash of the content before
// Limits    an entry has at most 256 KiB; see SpoolLedger for how many there are.
// Crash     Appended and flushed together; an entry counts, and is told to a gateway, only after its flush. A torn end
//           is cut. After a failed append or flush nothing behind the last good flush is trusted: what is good is
//           written anew to "<id>.ledger.new" with what was to be appended, flushed and renamed.
// Found     What an earlier run left may be in the page cache only, also where a flush says that it is not: that run
//           was killed before its flush, or its flush failed. It is written anew before anything of it is told or built on.
// Damage    Bytes or a chain that break before the end: the file is kept as "<id>-<part>.ledger.damaged", and the
//           ledger goes on after its last whole entry in a new part that says so.
using System.Buffers;
using AvSdk.Contracts.Ledger;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Ledger;

/// <summary>One ledger's file. Not safe for threads; nothing here throws for what a disk does.</summary>
internal sealed class LedgerFile : IDisposable
{
    public const string Extension = ".ledger";
    private const string NewExtension = ".new";

    private readonly ISpoolFiles _files;
    private readonly string _name;
    private readonly bool _staysOpen;
    private readonly ArrayBufferWriter<byte> _frames = new(512);
    private ISpoolFile? _open;
    // A file of another name than ours, or with an end that is not good, is not appended to.
    private string? _source;
    private bool _mustRewrite = true;
    private string? _asideName;
    private (uint Part, ulong Index, long Offset) _cursor;

    // Where it does not stay open it is opened for each append, as befits one of many.
    public LedgerFile(ISpoolFiles files, Guid recordingId, bool staysOpen)
    {
        _files = files;
        _name = FileName(recordingId);
        _staysOpen = staysOpen;
    }

    /// <summary>Bytes that are durable, or <see cref="IsFound"/>; 0: there is no file.</summary>
    public long DurableBytes { get; private set; }

    /// <summary>Its entries are as an earlier run left them: a power cut may take some of them.</summary>
    public bool IsFound { get; private set; }

    /// <summary>The last thing that the disk refused; null: nothing.</summary>
    public IOException? LastError { get; private set; }

    /// <summary>There is a file, and it could not be read: it is left as it is for the next start.</summary>
    public bool IsUnreadable { get; private set; }

    public static string FileName(Guid recordingId) => $"{recordingId:D}{Extension}";

    /// <summary>The recording of a ledger's file; false: the name is not one.</summary>
    public static bool TryParse(string fileName, out Guid recordingId)
    {
        string name = fileName.EndsWith(NewExtension, StringComparison.Ordinal)
            ? fileName[..^NewExtension.Length]
            : fileName;
        recordingId = default;
        return name.EndsWith(Extension, StringComparison.Ordinal)
            && Guid.TryParseExact(name[..^Extension.Length], "D", out recordingId);
    }

    /// <summary>Reads what an earlier run left; null: nothing, or it cannot be read now.</summary>
    public LedgerScan? Load()
    {
        foreach (string name in new[] { _name, _name + NewExtension })
        {
            try
            {
                LedgerScan scan = LedgerScan.Run(Read(name, 0, long.MaxValue));
                _source = name;
                DurableBytes = scan.WholeBytes;
                IsFound = scan.Entries.Count > 0;
                if (scan.Damage is not null)
                    _asideName = $"{_name[..^Extension.Length]}-{Math.Max(1, scan.Chain.Part)}{Extension}"
                        + SegmentFormat.DamagedExtension;
                return scan;
            }
            catch (FileNotFoundException)
            {
                // The next name; a new one without an old one is what a crash between two renames leaves.
            }
            catch (IOException error)
            {
                LastError = error;
                IsUnreadable = true;
                return null;
            }
        }

        return null;
    }

    /// <summary>
    /// Adds entries durably, and makes those durable that were found. False: the disk refused, and nothing of them counts.
    /// </summary>
    public bool TryAppend(IReadOnlyList<byte[]> entries)
    {
        if (IsUnreadable)
            return false;
        _frames.ResetWrittenCount();
        foreach (byte[] entry in entries)
            LedgerFraming.Write(entry, _frames);
        try
        {
            if (_mustRewrite)
            {
                Rewrite();
            }
            else
            {
                _open ??= _files.Open(_name);
                _open.Append(_frames.WrittenSpan);
                _open.Flush();
                DurableBytes += _frames.WrittenCount;
            }

            if (!_staysOpen)
                Close();
            return true;
        }
        catch (IOException error)
        {
            LastError = error;
            _mustRewrite = true;
            Close();
            return false;
        }
    }

    /// <summary>
    /// The entries after one, of one part, as they are; none: there is none. Also the hash of that one, empty where it
    /// is not in the file.
    /// </summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public LedgerPage ReadPage(uint part, ulong index, int bytesMax)
    {
        LedgerPage page = new();
        bool isFromCursor = part > 0 && _cursor.Part == part && _cursor.Index == index && _cursor.Offset < DurableBytes;
        long start = isFromCursor ? _cursor.Offset : LedgerFraming.Magic.Length;
        if (DurableBytes <= start)
            return page;
        byte[] bytes = Read(_source ?? _name, start, DurableBytes - start);
        uint partAt = isFromCursor ? part : 0;
        int total = 0;
        int at = 0;
        while (LedgerFraming.TryRead(bytes.AsSpan(at), out ReadOnlySpan<byte> content, out int length)
            && LedgerChain.Parse(content) is { } entry)
        {
            partAt = entry.Began?.Part ?? partAt;
            if (partAt == part && entry.Index == index)
            {
                page.Previous = LedgerChain.Hash(content);
                _cursor = (part, index, start + at);
            }
            else if (partAt > part || (partAt == part && entry.Index > index))
            {
                if (page.Entries.Count > 0 && (partAt != page.Part || total + length > bytesMax))
                    break;
                if (page.Entries.Count == 0)
                    (page.Part, page.FirstIndex) = (partAt, entry.Index);
                page.Entries.Add(content.ToArray());
                total += length;
                _cursor = (partAt, entry.Index, start + at);
            }

            at += length;
        }

        return page;
    }

    /// <summary>Deletes it; a failure leaves it to the next start.</summary>
    public void Delete()
    {
        Close();
        foreach (string name in new[] { _name, _name + NewExtension })
        {
            try
            {
                _files.Delete(name);
            }
            catch (IOException error)
            {
                LastError = error;
            }
        }
    }

    public void Dispose() => Close();

    private void Rewrite()
    {
        Close();
        string newName = _name + NewExtension;
        ArrayBufferWriter<byte> whole = new(1024);
        if (_source == newName)
        {
            try
            {
                _files.Rename(newName, _name);
            }
            catch (FileNotFoundException)
            {
                // It has the name since an attempt of which only the folder's flush failed; the next rename's flush is for both.
            }

            _source = _name;
        }

        byte[] durable = DurableBytes > 0 ? Read(_name, 0, DurableBytes) : LedgerFraming.Magic.ToArray();
        if (IsFound && LedgerScan.Run(durable).WholeBytes != durable.Length)
            throw new IOException($"{_name} does not hold any more what was read of it before; check the disk.");
        whole.Write(durable);
        whole.Write(_frames.WrittenSpan);
        _files.Delete(newName);
        ISpoolFile file = _files.Create(newName);
        try
        {
            file.Append(whole.WrittenSpan);
            file.Flush();
            if (_asideName is not null)
            {
                _files.Rename(_name, _asideName);
                _asideName = null;
                _source = newName;
            }

            _files.Rename(newName, _name);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _open = file;
        _source = _name;
        _mustRewrite = IsFound = false;
        DurableBytes = whole.WrittenCount;
    }

    private byte[] Read(string name, long offset, long length)
    {
        using ISpoolFile file = _files.Open(name);
        byte[] bytes = new byte[checked((int)Math.Min(length, file.LengthBytes - offset))];
        int read = file.Read(offset, bytes);
        return read == length || length == long.MaxValue
            ? bytes[..read]
            : throw new IOException($"{name} has become shorter than {offset + length} bytes; check the disk.");
    }

    private void Close()
    {
        _open?.Dispose();
        _open = null;
    }
}
