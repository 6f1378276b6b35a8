namespace AvSdk.Contracts.Carrier;

/// <summary>
/// One end of a stream of messages over publications: numbers them, knows which of those that arrive is next, joins
/// pieces, and counts what the other end has taken. Without I/O. Safe for threads.
/// </summary>
/// <param name="messageBytesMax">The longest message that is joined, bytes.</param>
/// <remarks>See the layout in <c>CarrierHeader.cs</c>.</remarks>
public sealed class CarrierStream(int messageBytesMax)
{
    /// <summary>How many numbered publications may be under way that the other end has not taken.</summary>
    public const int Window = 32;

    private readonly Lock _lock = new();
    private uint _key;
    private ulong _sent;
    private ulong _takenByOther;
    private ulong _arrived;
    private ulong _taken;
    private ulong _takenTold;
    private bool _hasEnded;
    private byte[] _joined = [];
    private int _joinedBytes;

    /// <summary>The stream's key; 0: none yet, and whoever comes first gives it.</summary>
    public uint Key
    {
        get
        {
            lock (_lock)
                return _key;
        }
        set
        {
            lock (_lock)
                _key = value;
        }
    }

    /// <summary>The header of the next numbered publication; false: the window is full.</summary>
    public bool TryNext(CarrierKind kind, out CarrierHeader header)
    {
        lock (_lock)
        {
            header = default;
            if (_sent - _takenByOther >= Window)
                return false;
            header = new CarrierHeader(kind, _key, _sent++, _taken);
            _takenTold = _taken;
            return true;
        }
    }

    /// <summary>
    /// The header of a word; false: less than half a window was taken since the other end was told.
    /// </summary>
    public bool TryWord(out CarrierHeader header)
    {
        lock (_lock)
        {
            header = new CarrierHeader(CarrierKind.Word, _key, 0, _taken);
            if (_taken - _takenTold < Window / 2)
                return false;
            _takenTold = _taken;
            return true;
        }
    }

    /// <summary>The header of the end, which goes whether the window is full or not.</summary>
    public CarrierHeader End()
    {
        lock (_lock)
            return new CarrierHeader(CarrierKind.End, _key, _sent, _taken);
    }

    /// <summary>Notes a publication that arrived. <paramref name="problem"/> is a sentence where the stream is over.</summary>
    public CarrierArrival Arrive(in CarrierHeader header, out string problem)
    {
        lock (_lock)
        {
            problem = "";
            if (_key == 0)
                _key = header.Key;
            bool isFirst = header is { Key: 0, Number: 0, Kind: CarrierKind.Message };
            if (header.Key != _key && !isFirst)
                return CarrierArrival.Stranger;
            if (header.Taken > _sent)
            {
                problem = $"The other end took {header.Taken} publications, and {_sent} were sent.";
                return CarrierArrival.Wrong;
            }

            _takenByOther = Math.Max(_takenByOther, header.Taken);
            if (header.Kind == CarrierKind.Word)
                return CarrierArrival.Word;
            if (_hasEnded || header.Number < _arrived)
                return CarrierArrival.Duplicate;
            if (header.Number > _arrived && header.Kind != CarrierKind.End)
            {
                problem = $"Publication {header.Number} came, and {_arrived} was next: some were lost on the way.";
                return CarrierArrival.Gap;
            }

            _hasEnded = header.Kind == CarrierKind.End;
            if (_hasEnded)
                return CarrierArrival.Next;
            if (_arrived - _taken >= Window)
            {
                problem = $"More than {Window} publications were sent that had not been taken.";
                return CarrierArrival.Wrong;
            }

            _arrived++;
            return CarrierArrival.Next;
        }
    }

    /// <summary>
    /// Takes the data of the publication that arrived as next, in turn; an end is not taken. True: a message is whole.
    /// </summary>
    /// <param name="kind">The publication's.</param>
    /// <param name="data">What follows the header.</param>
    /// <param name="message">The message; in place where it came in one piece, and good until the next call.</param>
    /// <param name="problem">Not empty: the message is longer than allowed, and the stream is over.</param>
    public bool Take(CarrierKind kind, ReadOnlyMemory<byte> data, out ReadOnlyMemory<byte> message, out string problem)
    {
        lock (_lock)
        {
            _taken++;
            message = default;
            problem = "";
            if (data.Length > messageBytesMax - _joinedBytes)
            {
                problem = $"A message is longer than {messageBytesMax} bytes.";
                return false;
            }

            if (kind == CarrierKind.Message && _joinedBytes == 0)
            {
                message = data;
                return true;
            }

            Join(data.Span);
            if (kind != CarrierKind.Message)
                return false;
            message = _joined.AsMemory(0, _joinedBytes);
            _joinedBytes = 0;
            return true;
        }
    }

    private void Join(ReadOnlySpan<byte> data)
    {
        int needed = _joinedBytes + data.Length;
        if (needed > _joined.Length)
            Array.Resize(ref _joined, (int)Math.Min(messageBytesMax, Math.Max(needed, 2L * _joined.Length)));
        data.CopyTo(_joined.AsSpan(_joinedBytes));
        _joinedBytes = needed;
    }
}
