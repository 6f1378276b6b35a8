using AvSdk.Mqtt.Session;

namespace AvSdk.Mqtt;

/// <summary>
/// What the two ends know of each other beyond one connection (MQTT 5, section 4.1). Carried from one
/// <see cref="MqttClient"/> to the next, its publications that were not confirmed are sent again, in order and with DUP;
/// where the server lost its part, as new ones. Their tasks go on until then.
/// </summary>
/// <remarks>
/// One client at a time. It lives in memory: what must outlive the process, the application keeps. Dispose it when
/// no connection will follow; publications that are still open then end as <see cref="MqttPublishStatus.NotSent"/> or
/// <see cref="MqttPublishStatus.Unconfirmed"/>.
/// </remarks>
public sealed class MqttSession : IDisposable
{
    private const int RecycledMax = 4096;
    private readonly Stack<Publication> _recycled = new();
    private readonly Lock _recycling = new();
    private bool _disposed;

    /// <summary>Publications that are not settled: waiting, or without the server's answer.</summary>
    public int OpenPublications
    {
        get
        {
            lock (Gate)
                return Core.Outgoing.Count;
        }
    }

    /// <summary>The client identifier of the last connection, the server's choice included; empty before.</summary>
    public string ClientId { get; internal set; } = "";

    /// <summary>Whether a connection was made with it: the next one resumes it.</summary>
    public bool WasConnected { get; internal set; }

    internal Lock Gate { get; } = new();

    internal SessionCore Core { get; } = new();

    /// <summary>Wakes the writer of the connection at hand.</summary>
    internal AsyncSignal Output { get; private set; } = new();

    /// <summary>Wakes its reader, where it waits for the consumer.</summary>
    internal AsyncSignal Room { get; private set; } = new();

    private bool InUse { get; set; }

    /// <summary>Ends what is open. Dispose its client first.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            _disposed = true;
            Core.Outgoing.EndAll();
        }
    }

    /// <summary>One connection is about to use it.</summary>
    internal void Claim()
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (InUse)
                throw new InvalidOperationException("The session is another client's: dispose of that one first.");
            InUse = true;
            Output = new AsyncSignal();
            Room = new AsyncSignal();
        }
    }

    internal void Unclaim()
    {
        lock (Gate)
            InUse = false;
    }

    internal bool Acknowledge(MqttMessage message, MqttReasonCode code)
    {
        bool isInTime;
        bool hasOutput;
        lock (Gate)
        {
            isInTime = Core.Acknowledge(message, code);
            hasOutput = Core.HasOutput;
        }

        if (hasOutput)
            Output.Set();
        Room.Set();
        return isInTime;
    }

    internal void Cancel(Publication publication, CancellationToken cancellationToken)
    {
        lock (Gate)
            Core.Outgoing.Cancel(publication, cancellationToken);
        // Somebody may wait until nothing is to be written any more.
        Output.Set();
    }

    internal Publication Rent()
    {
        lock (_recycling)
        {
            if (_recycled.TryPop(out Publication? publication))
                return publication;
        }

        return new Publication(this);
    }

    internal void Recycle(Publication publication)
    {
        lock (_recycling)
        {
            if (_recycled.Count < RecycledMax)
                _recycled.Push(publication);
        }
    }
}
