using AvSdk.Mqtt.Session;

namespace AvSdk.Mqtt;

// The loop that writes, and who waits for it.
public sealed partial class MqttClient
{
    // Bytes the network takes between two signs of life.
    private const int PieceBytes = 256 * 1024;

    private TaskCompletionSource? _written;

    /// <summary>
    /// Ends when everything that was published has been given to the network, which is earlier than the server's answers, or
    /// when the connection has ended. Who awaits it after each publication keeps the rest back until the network takes it,
    /// and may choose then what is most urgent; see <see cref="MqttClientOptions.UnsentBytesMax"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled: only the waiting ends.</exception>
    public Task WaitUntilWrittenAsync(CancellationToken cancellationToken = default)
    {
        Task written;
        lock (_session.Gate)
        {
            if (_failure is not null || !_session.Core.Outgoing.HasUnwritten)
                return Task.CompletedTask;
            _written ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            written = _written.Task;
        }

        return written.WaitAsync(cancellationToken);
    }

    private async Task WriteAsync()
    {
        OutputBatch batch = new();
        try
        {
            while (!batch.IsLast)
            {
                lock (_session.Gate)
                {
                    _session.Core.Encode(batch);
                    TellWritten();
                }

                if (!batch.IsEmpty)
                    await WriteAsync(batch).ConfigureAwait(false);
                else if (_ending.IsCancellationRequested)
                    return;
                else if (!batch.IsLast)
                    await _session.Output.WaitAsync().ConfigureAwait(false);
            }

            await _channel.CloseAsync(_ending.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Fail(Lost(e));
        }
    }

    private async ValueTask WriteAsync(OutputBatch batch)
    {
        bool whole = false;
        try
        {
            ReadOnlyMemory<byte> head = batch.Head;
            ReadOnlyMemory<byte> tail = batch.Tail;
            do
            {
                ReadOnlyMemory<byte> piece = tail[..Math.Min(PieceBytes, tail.Length)];
                await _channel.WriteAsync(head, piece, _ending.Token).ConfigureAwait(false);
                tail = tail[piece.Length..];
                head = default;
                if (!tail.IsEmpty)
                    Progressed();
            }
            while (!tail.IsEmpty);
            whole = true;
        }
        finally
        {
            lock (_session.Gate)
            {
                _session.Core.Written(batch, whole, Now);
                TellWritten();
            }
        }
    }

    // Under the lock.
    private void TellWritten()
    {
        if (_written is null || (_session.Core.Outgoing.HasUnwritten && _failure is null))
            return;
        _written.SetResult();
        _written = null;
    }

    private void Progressed()
    {
        lock (_session.Gate)
            _session.Core.Progressed(Now);
    }
}
