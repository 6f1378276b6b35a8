namespace AvSdk.Mqtt;

/// <summary>
/// One exchange of enhanced authentication, for example SCRAM (MQTT 5, section 4.12); made anew for each.
/// </summary>
/// <remarks>The methods are called one after the other. What they throw ends the connection.</remarks>
public abstract class MqttAuthenticator
{
    /// <summary>The method's name, as the server knows it.</summary>
    public abstract string Method { get; }

    /// <summary>The data that the exchange begins with; empty: none.</summary>
    public abstract ValueTask<ReadOnlyMemory<byte>> StartAsync(CancellationToken cancellationToken);

    /// <summary>Answers a step of the server's.</summary>
    /// <param name="serverData">Borrowed until the task ends; empty where the server sent none.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    public abstract ValueTask<ReadOnlyMemory<byte>> ContinueAsync(
        ReadOnlyMemory<byte> serverData, CancellationToken cancellationToken);

    /// <summary>The server is content; checks its last data, and throws unless it is the right server.</summary>
    /// <param name="serverData">Borrowed until the task ends; empty where the server sent none.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    public virtual ValueTask FinishAsync(ReadOnlyMemory<byte> serverData, CancellationToken cancellationToken)
        => ValueTask.CompletedTask;
}
