namespace AvSdk.Ingestion;

/// <summary>The agent is not there, was lost, or refuses.</summary>
internal sealed class AgentException(string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The agent said so itself; trying again at once will not help.</summary>
    public bool IsRefusal { get; init; }
}
