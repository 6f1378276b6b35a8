using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace AvSdk.Mcap;

/// <summary>
/// A part of a mapped file as memory. Each part holds a reference of its own to the mapping, which therefore ends only
/// when all parts and the source are disposed; a part not disposed leaks the mapping, never a wild pointer.
/// </summary>
internal sealed unsafe class MappedBytes : MemoryManager<byte>, IDisposable
{
    private readonly SafeMemoryMappedViewHandle _view;
    private readonly int _length;
    private byte* _start;

    /// <param name="view">Covers at least <paramref name="offset"/> + <paramref name="length"/> bytes.</param>
    /// <param name="offset">From the start of the view.</param>
    /// <param name="length">Bytes.</param>
    public MappedBytes(SafeMemoryMappedViewHandle view, long offset, int length)
    {
        // The one place where a pointer is made: within the view, whose length the system knows.
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)offset + (ulong)length, view.ByteLength);
        byte* start = null;
        view.AcquirePointer(ref start);
        _view = view;
        _start = start + offset;
        _length = length;
    }

    // Null and no bytes once disposed: a span made later is refused instead of reading what is not mapped any more.
    public override Span<byte> GetSpan() =>
        _start != null ? new Span<byte>(_start, _length) : throw new ObjectDisposedException(nameof(McapBytes));

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length);
        fixed (byte* at = GetSpan())
            return new MemoryHandle(at + elementIndex, default, this);
    }

    public override void Unpin()
    {
    }

    void IDisposable.Dispose() => Dispose(true);

    protected override void Dispose(bool disposing)
    {
        if (_start == null)
            return;
        _start = null;
        _view.ReleasePointer();
    }
}
