namespace AvSdk.Recording.Spool;

/// <summary>
/// Reads segments, with the few files open that were read last. Safe for any number of threads.
/// </summary>
internal sealed class SegmentReaders(ISpoolFiles files) : IDisposable
{
    private const int OpenMax = 4;

    private readonly Lock _gate = new();
    private readonly List<(string FileName, ISpoolFile File)> _open = [];
    private bool _isDisposed;

    /// <summary>Reads exactly as many bytes of a chunk's record as asked for.</summary>
    /// <exception cref="IOException">The file is gone, shorter, or cannot be read.</exception>
    public void ReadRecord(SpoolChunk chunk, Span<byte> destination)
    {
        lock (_gate)
            ReadHeld(chunk.Segment.FileName, chunk.Place.RecordOffset, destination);
    }

    /// <summary>As <see cref="ReadRecord"/>, of its body from an offset.</summary>
    public void ReadBody(SpoolChunk chunk, long offset, Span<byte> destination)
    {
        lock (_gate)
        {
            if (chunk.Place.IsRemoved)
                throw new FileNotFoundException($"{chunk} was left out when its segment was written anew.");
            ReadHeld(chunk.Segment.FileName, chunk.Place.BodyOffset + offset, destination);
        }
    }

    /// <summary>Puts another file in the place of a segment's: nothing is read meanwhile.</summary>
    public void Replace(string fileName, Action replace)
    {
        lock (_gate)
        {
            CloseHeld(fileName);
            replace();
        }
    }

    public void Close(string fileName)
    {
        lock (_gate)
            CloseHeld(fileName);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach ((_, ISpoolFile file) in _open)
                file.Dispose();
            _open.Clear();
        }
    }

    private void ReadHeld(string fileName, long offset, Span<byte> destination)
    {
        int read = Open(fileName).Read(offset, destination);
        if (read == destination.Length)
            return;
        throw new EndOfStreamException(
            $"{fileName} ends at {offset + read}, {destination.Length} bytes at {offset} were expected: it was cut "
            + "by something else than the recorder, or the disk lost its end.");
    }

    private void CloseHeld(string fileName)
    {
        int at = _open.FindIndex(open => open.FileName == fileName);
        if (at < 0)
            return;
        _open[at].File.Dispose();
        _open.RemoveAt(at);
    }

    private ISpoolFile Open(string fileName)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int at = _open.FindIndex(open => open.FileName == fileName);
        if (at < 0)
        {
            if (_open.Count == OpenMax)
            {
                _open[0].File.Dispose();
                _open.RemoveAt(0);
            }

            _open.Add((fileName, files.Open(fileName)));
        }
        else if (at < _open.Count - 1)
        {
            _open.Add(_open[at]);
            _open.RemoveAt(at);
        }

        return _open[^1].File;
    }
}
