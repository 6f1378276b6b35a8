namespace AvSdk.Mqtt.Transport;

/// <summary>
/// The bytes between a client and a server: all that a connection is. One read and one write at a time, both at once.
/// </summary>
public interface IMqttChannel : IAsyncDisposable
{
    /// <summary>Reads what is there, at least a byte. 0: the other end closed it.</summary>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>
    /// Writes both, in order and whole; either may be empty. They are borrowed until the task ends. After a failure or
    /// cancellation nothing more is written.
    /// </summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken);

    /// <summary>Says that nothing more is written; what was written still arrives, and reading goes on.</summary>
    ValueTask CloseAsync(CancellationToken cancellationToken);
}
