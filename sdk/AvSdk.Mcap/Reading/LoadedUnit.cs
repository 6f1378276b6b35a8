using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// The plain records of a chunk or run, and which of its messages a query wants, in the query's order.
/// </summary>
internal sealed class LoadedUnit : IDisposable
{
    private readonly IMemoryOwner<byte> _records;
    private readonly Entry[] _entries;
    private readonly int _count;
    private int _at = -1;

    private LoadedUnit(IMemoryOwner<byte> records, Entry[] entries, int count, int number)
    {
        _records = records;
        _entries = entries;
        _count = count;
        Number = number;
    }

    /// <summary>The unit's place in the file: what decides between equal times.</summary>
    public int Number { get; }

    public bool HasNext => _at + 1 < _count;

    /// <summary>The log time of the next message; only when there is one.</summary>
    public ulong NextLogTime => _entries[_at + 1].LogTime;

    public McapMessageView Current
    {
        get
        {
            ChunkMessages at = ChunkBody.Messages(_records.Memory.Span[_entries[_at].Offset..]);
            at.MoveNext();
            return at.Current;
        }
    }

    public static LoadedUnit Select(IMemoryOwner<byte> records, UnitSelection selection, int number,
        long offset)
    {
        Entry[] entries = ArrayPool<Entry>.Shared.Rent(256);
        int count = 0;
        bool sorted = true;
        ulong last = 0;
        try
        {
            ChunkMessages messages = ChunkBody.Messages(records.Memory.Span);
            while (messages.MoveNext())
            {
                McapMessageView message = messages.Current;
                if (!selection.Wants(message, out McapError error))
                {
                    if (error.IsError)
                        throw new McapException(error with { Offset = offset });
                    continue;
                }

                if (count == entries.Length)
                    entries = Grow(entries);
                entries[count++] = new Entry(message.LogTime, messages.Offset);
                sorted &= message.LogTime >= last;
                last = message.LogTime;
            }
        }
        catch (McapException e)
        {
            ArrayPool<Entry>.Shared.Return(entries);
            records.Dispose();
            throw e.Error.Offset == offset ? e : new McapException(e.Error.In(offset), e);
        }

        if (!sorted && selection.ByLogTime)
            entries.AsSpan(0, count).Sort();
        return new LoadedUnit(records, entries, count, number);
    }

    public void Advance() => _at++;

    public void Dispose()
    {
        _records.Dispose();
        ArrayPool<Entry>.Shared.Return(_entries);
    }

    private static Entry[] Grow(Entry[] entries)
    {
        Entry[] larger = ArrayPool<Entry>.Shared.Rent(entries.Length * 2);
        entries.CopyTo(larger, 0);
        ArrayPool<Entry>.Shared.Return(entries);
        return larger;
    }

    private readonly record struct Entry(ulong LogTime, int Offset) : IComparable<Entry>
    {
        // Offsets differ, so equal times keep the file's order.
        public int CompareTo(Entry other)
        {
            int byTime = LogTime.CompareTo(other.LogTime);
            return byTime != 0 ? byTime : Offset.CompareTo(other.Offset);
        }
    }
}
