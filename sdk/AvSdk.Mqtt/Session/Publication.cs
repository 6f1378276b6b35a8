using System.Threading.Tasks.Sources;

namespace AvSdk.Mqtt.Session;

/// <summary>
/// One message on its way out, and the task that its publisher awaits. Used again when both the session and the
/// publisher are done with it, so that publishing allocates nothing.
/// </summary>
internal sealed class Publication : IValueTaskSource<MqttPublishOutcome>
{
    private readonly MqttSession _session;
    private ManualResetValueTaskSourceCore<MqttPublishOutcome> _completion = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private MqttPublishOptions _options;
    private int _holders;
    private bool _isCompleted;

    public Publication(MqttSession session) => _session = session;

    public string Topic { get; private set; } = "";

    public ReadOnlyMemory<byte> Prefix { get; private set; }

    public ReadOnlyMemory<byte> Payload { get; private set; }

    public ref readonly MqttPublishOptions Options => ref _options;

    public MqttQos Qos { get; private set; }

    /// <summary>0 until it is sent, and with QoS 0.</summary>
    public ushort PacketId { get; set; }

    public PublicationState State { get; set; }

    /// <summary>Whether the send quota of this connection is one less because of it.</summary>
    public bool HoldsQuota { get; set; }

    /// <summary>Its bytes are being written: it must not be touched by anyone else.</summary>
    public bool IsBeingWritten { get; set; }

    /// <summary>What it ends with as soon as it is no longer being written.</summary>
    public MqttPublishOutcome? Deferred { get; set; }

    /// <summary>It was cancelled while being written.</summary>
    public CancellationToken CancelledBy { get; set; }

    /// <summary>Cancelled after it was sent: only its packet identifier is still to be settled.</summary>
    public bool IsAbandoned { get; set; }

    public Publication? Previous { get; set; }

    public Publication? Next { get; set; }

    public long PayloadBytes => (long)Prefix.Length + Payload.Length;

    public ValueTask<MqttPublishOutcome> Task => new(this, _completion.Version);

    public void Begin(
        string topic, ReadOnlyMemory<byte> prefix, ReadOnlyMemory<byte> payload, in MqttPublishOptions options)
    {
        Topic = topic;
        Prefix = prefix;
        Payload = payload;
        _options = options;
        Qos = options.Qos;
        PacketId = 0;
        State = PublicationState.Waiting;
        HoldsQuota = IsBeingWritten = IsAbandoned = _isCompleted = false;
        Deferred = null;
        CancelledBy = default;
        _holders = 2;
    }

    /// <summary>Called without the session's lock.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) => ((Publication)state!)._session.Cancel((Publication)state, token), this);
        }
    }

    /// <summary>Gives the publisher its memory and its outcome; only the first call counts.</summary>
    public void Complete(in MqttPublishOutcome outcome)
    {
        if (_isCompleted)
            return;
        LetGoOfMemory();
        _completion.SetResult(outcome);
    }

    public void CompleteCancelled(CancellationToken cancellationToken)
    {
        if (_isCompleted)
            return;
        LetGoOfMemory();
        _completion.SetException(new OperationCanceledException(cancellationToken));
    }

    /// <summary>One of two holders is done with it.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _completion.Reset();
            _session.Recycle(this);
        }
    }

    MqttPublishOutcome IValueTaskSource<MqttPublishOutcome>.GetResult(short token)
    {
        // Waits for a callback that runs: after this nobody cancels what may be another publication by then.
        _cancellation.Dispose();
        _cancellation = default;
        try
        {
            return _completion.GetResult(token);
        }
        finally
        {
            Release();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<MqttPublishOutcome>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<MqttPublishOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _completion.OnCompleted(continuation, state, token, flags);

    private void LetGoOfMemory()
    {
        _isCompleted = true;
        Prefix = Payload = default;
        _options = default;
    }
}
