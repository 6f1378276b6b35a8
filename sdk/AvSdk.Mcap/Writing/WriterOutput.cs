namespace AvSdk.Mcap;

/// <summary>
/// The sink behind a writer, with the data section's CRC and whether the writer may still be used. Written to
/// by the caller's thread alone; a worker may only say that it failed.
/// </summary>
internal sealed class WriterOutput(IMcapSink sink, uint? dataSectionCrc)
{
    private uint? _dataSectionCrc = dataSectionCrc;
    private Exception? _failure;
    private volatile bool _closed;

    public long Position => sink.Position;

    /// <summary>0: not available.</summary>
    public uint DataSectionCrc => _dataSectionCrc ?? 0;

    /// <summary>Neither failed nor finished.</summary>
    public bool IsOpen => !_closed;

    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        WriteWithoutCrc(bytes);
        if (_dataSectionCrc is uint crc)
            _dataSectionCrc = Crc32.Append(crc, bytes);
    }

    /// <summary>Writes bytes whose CRC is told by <see cref="AddCrc"/>.</summary>
    public void WriteWithoutCrc(ReadOnlySpan<byte> bytes)
    {
        try
        {
            sink.Write(bytes);
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    }

    public void AddCrc(uint crcOfBytes, long bytes)
    {
        if (_dataSectionCrc is uint crc)
            _dataSectionCrc = Crc32.Combine(crc, crcOfBytes, bytes);
    }

    public void Flush()
    {
        try
        {
            sink.Flush();
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    }

    /// <summary>The first failure is kept. From any thread.</summary>
    public void Fail(Exception failure)
    {
        Interlocked.CompareExchange(ref _failure, failure, null);
        _closed = true;
    }

    public void Finish() => _closed = true;

    public void ThrowIfNotOpen()
    {
        if (_closed)
            ThrowNotOpen();
    }

    private void ThrowNotOpen()
    {
        if (Volatile.Read(ref _failure) is Exception failure)
        {
            throw new InvalidOperationException(
                "An earlier write failed, so the file is cut at an unknown place: "
                + "scan and cut it, then go on in a new writer.",
                failure);
        }

        throw new InvalidOperationException("The file is finished: nothing can be added to it.");
    }
}
