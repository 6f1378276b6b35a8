using System.Buffers;
using System.Runtime.CompilerServices;

namespace AvSdk.Mcap;

/// <summary>
/// The plain records of a chunk or run, and which of its messages a query wants, in the query's order.
/// </summary>
internal sealed class LoadedUnit : IDisposable
{
    private readonly McapBytes _records;
    private readonly bool _backwards;
    private Entry[] _entries;
    private int _count;
    private int _given = -1;

    private LoadedUnit(McapBytes records, Entry[] entries, int count, bool backwards)
    {
        _records = records;
        _entries = entries;
        _count = count;
        _backwards = backwards;
    }

    /// <summary>Memory that was rented for it, bytes.</summary>
    public long RentedBytes => _records.RentedBytes + ((long)_entries.Length * Unsafe.SizeOf<Entry>());

    /// <summary>The wanted messages in it.</summary>
    public int Count => _count;

    public bool HasNext => _given + 1 < _count;

    /// <summary>The log time of the next message; only when there is one.</summary>
    public ulong NextLogTime => At(_given + 1).LogTime;

    /// <summary>Where the message at hand begins, bytes from the start of the records.</summary>
    public int CurrentOffset => At(_given).Offset;

    public McapMessageView Current
    {
        get
        {
            ref readonly Entry entry = ref At(_given);
            return new McapMessageView(
                _records.Memory.Span.Slice(entry.Offset + McapFormat.RecordPrefixBytes, entry.ContentBytes));
        }
    }

    /// <summary>
    /// Walks the records once and remembers the messages that the selection wants. Owns
    /// <paramref name="records"/> from here on, also when it throws.
    /// </summary>
    public static LoadedUnit Select(McapBytes records, UnitSelection selection, ReadUnit unit)
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
                if (message.LogTime < unit.StartTime || message.LogTime > unit.EndTime)
                    throw new McapException(OutOfRange(message.LogTime, unit));
                if (!selection.Wants(message, out McapError error))
                {
                    if (error.IsError)
                        throw new McapException(error with { Offset = unit.Offset });
                    continue;
                }

                if (count == entries.Length)
                    entries = Grow(entries);
                entries[count++] = new Entry(
                    message.LogTime, messages.Offset, McapFormat.MessageFieldBytes + message.Data.Length);
                sorted &= message.LogTime >= last;
                last = message.LogTime;
            }
        }
        catch (McapException e)
        {
            ArrayPool<Entry>.Shared.Return(entries);
            records.Dispose();
            throw e.Error.Offset == unit.Offset ? e : new McapException(e.Error.In(unit.Offset), e);
        }

        if (!sorted && selection.Order != McapOrder.File)
            entries.AsSpan(0, count).Sort();
        LoadedUnit loaded = new(records, entries, count, selection.Order == McapOrder.ReverseLogTime);
        if (unit.Only is not null)
            loaded.Keep(unit.Only);
        return loaded;
    }

    public void Advance() => _given++;

    /// <summary>Goes on after so many messages.</summary>
    public void Skip(int given) => _given = given - 1;

    /// <summary>Forgets all messages but those that begin at the offsets, which are sorted.</summary>
    public void Keep(int[] offsets)
    {
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (Array.BinarySearch(offsets, _entries[i].Offset) >= 0)
                _entries[kept++] = _entries[i];
        }

        _count = kept;
        _given = -1;
    }

    public void Dispose()
    {
        _records.Dispose();
        Entry[] entries = _entries;
        _entries = [];
        _count = 0;
        if (entries.Length > 0)
            ArrayPool<Entry>.Shared.Return(entries);
    }

    private ref readonly Entry At(int given) => ref _entries[_backwards ? _count - 1 - given : given];

    private static McapError OutOfRange(ulong logTime, ReadUnit unit) => new(McapErrorKind.IndexMismatch, unit.Offset,
        $"messages with log times {unit.StartTime} to {unit.EndTime}, as their chunk says", $"{logTime}");

    private static Entry[] Grow(Entry[] entries)
    {
        Entry[] larger = ArrayPool<Entry>.Shared.Rent(entries.Length * 2);
        entries.CopyTo(larger, 0);
        ArrayPool<Entry>.Shared.Return(entries);
        return larger;
    }

    private readonly record struct Entry(ulong LogTime, int Offset, int ContentBytes) : IComparable<Entry>
    {
        // Offsets differ, so equal times keep the file's order.
        public int CompareTo(Entry other)
        {
            int byTime = LogTime.CompareTo(other.LogTime);
            return byTime != 0 ? byTime : Offset.CompareTo(other.Offset);
        }
    }
}
