using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Recording.Ledger;

/// <summary>
/// Telling the gateway: in each session it is first asked how far it has the ledger, since another one, or one whose index
/// was lost, has less of it than we know of.
/// </summary>
internal sealed partial class SpoolLedger
{
    // Gateways take 1 MiB.
    private const int PageBytesMax = 512 << 10;

    private (uint Part, ulong Index, ByteString Head)? _told;
    private bool _isProbing;
    private bool _isRefused;
    private bool _isSilent;

    /// <summary>Entries are durable here and the gateway was not told, or not asked yet in this session.</summary>
    public bool HasToTell
    {
        get
        {
            lock (_gate)
                return !_isClosed && !_isSilent && !_isRefused && _state.Chain.Part > 0 && !IsToldHeld;
        }
    }

    /// <summary>Nothing of the ledger is left to write, or to tell the gateway.</summary>
    public bool IsTold
    {
        get
        {
            lock (_gate)
            {
                Collect?.Invoke(_tally);
                return _tally.IsEmpty && (_ports.Key is null || _state.Unsigned == 0)
                    && (IsToldHeld || (_state.Chain.Part == 0 && !_file.IsUnreadable));
            }
        }
    }

    /// <summary>What is durable is told, or cannot be in this session: waiting does not help.</summary>
    public bool IsToldOrRefused
    {
        get
        {
            lock (_gate)
                return _isRefused || _isSilent || _state.Chain.Part == 0 || IsToldHeld;
        }
    }

    /// <summary>A new session: what the gateway has is to be asked.</summary>
    public void BeginSession()
    {
        lock (_gate)
        {
            _told = null;
            _isProbing = false;
            _isSilent = false;
        }
    }

    /// <summary>The next message to the gateway; null: there is nothing to tell, or it cannot be read.</summary>
    public TellLedger? NextPage()
    {
        lock (_io)
        {
            (uint Part, ulong Index, ByteString Head)? told;
            LedgerChain chain;
            bool isProbing;
            lock (_gate)
            {
                if (!HasToTell)
                    return null;
                (told, chain, isProbing) = (_told, _state.Chain, _isProbing);
            }

            TellLedger tell = new() { RecordingId = Recording.Info.RecordingId };
            if (told is not { } from)
                return tell;
            // Told, and then undone by a power cut, it would be continued otherwise than the gateway has it.
            if (!TrySecureHeld())
                return null;
            try
            {
                LedgerPage page = isProbing
                    ? _file.ReadPage(chain.Part, chain.Index - 1, 1)
                    : _file.ReadPage(from.Part, from.Index, PageBytesMax);
                // Another ledger was told in our name: the entry that differs shows it.
                if (!isProbing && !page.Previous.IsEmpty && page.Previous != from.Head)
                    page = _file.ReadPage(from.Part, from.Index - 1, 1);
                tell.Part = page.Part;
                tell.FirstIndex = page.FirstIndex;
                tell.Entries.AddRange(page.Entries.Select(static entry => UnsafeByteOperations.UnsafeWrap(entry)));
            }
            catch (IOException error)
            {
                LedgerLog.CannotRead(_ports.Log, LedgerFile.FileName(Recording.Id), error);
            }

            if (tell.Entries.Count > 0)
                return tell;
            lock (_gate)
                _isSilent = true;
            return null;
        }
    }

    // What was found is durable from here on. While the disk refuses, the gateway is told nothing of it.
    private bool TrySecureHeld()
    {
        if (!_file.IsFound)
            return true;
        bool isDurable = _file.TryAppend([]);
        if (!isDurable && _file.LastError is { } error)
            LedgerLog.CannotWrite(_ports.Log, LedgerFile.FileName(Recording.Id), error);
        lock (_gate)
            _isSilent = !isDurable;
        return isDurable;
    }

    // The gateway waits for what could not be made durable.
    private bool TrySecureAgainHeld()
    {
        lock (_gate)
        {
            if (!_isSilent)
                return true;
        }

        if (!_file.IsFound)
            return true;
        if (!TrySecureHeld())
            return false;
        _ports.Written?.Invoke();
        return true;
    }

    /// <summary>The gateway answered.</summary>
    public void OnNoted(LedgerNoted noted)
    {
        bool isTailLost;
        lock (_gate)
        {
            if (noted.Refused.Length > 0)
            {
                _isRefused = true;
                LedgerLog.Refused(_ports.Log, Recording.Id, noted.Refused);
                return;
            }

            _told = (noted.Part, noted.ThroughIndex, noted.HeadSha256);
            bool isBehind = noted.Part > _state.Chain.Part
                || (noted.Part == _state.Chain.Part && noted.ThroughIndex > _state.Chain.Index);
            // It took our last entry as one that it has: what it has beyond is lost here, and we may go on from ours.
            isTailLost = isBehind && _isProbing;
            _isProbing = isBehind && !_isProbing;
            if (isTailLost)
                Restart(RestartedTailLost, noted.Part + 1);
        }

        if (!isTailLost)
            return;
        LedgerLog.TailLost(_ports.Log, Recording.Id);
        TryWrite(LedgerDue.All);
    }

    private bool IsToldHeld =>
        _told is { } told && told.Part == _state.Chain.Part && told.Index == _state.Chain.Index
        && told.Head == _state.Chain.Head;
}
