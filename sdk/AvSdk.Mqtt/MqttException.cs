namespace AvSdk.Mqtt;

/// <summary>A connection was not made, or ended while something was asked of it.</summary>
public sealed class MqttException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="reasonCode">The code that went over the wire, or fits best.</param>
    /// <param name="message">For people: what happened, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public MqttException(
        MqttFailure failure, MqttReasonCode reasonCode, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Failure = failure;
        ReasonCode = reasonCode;
    }

    /// <summary>Creates the exception for a lost connection.</summary>
    public MqttException(string message, Exception innerException)
        : this(MqttFailure.ConnectionLost, MqttReasonCode.Unspecified, message, innerException)
    {
    }

    /// <summary>Creates the exception for a lost connection.</summary>
    public MqttException(string message)
        : this(MqttFailure.ConnectionLost, MqttReasonCode.Unspecified, message)
    {
    }

    /// <summary>Creates the exception for a lost connection.</summary>
    public MqttException()
        : this("The connection was lost.")
    {
    }

    /// <summary>What happened.</summary>
    public MqttFailure Failure { get; }

    /// <summary>The code that went over the wire, or fits best.</summary>
    public MqttReasonCode ReasonCode { get; }

    /// <summary>Where the server says to go instead (sections 3.2.2.3.16, 3.14.2.2.5); null where it does not.</summary>
    public string? ServerReference { get; init; }

    /// <summary>The user properties of the refusal or DISCONNECT; empty where it had none.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];

    /// <summary>
    /// Whether the same may work later: the network, a busy server; not: what is refused for what it is.
    /// </summary>
    public bool IsTransient => Failure switch
    {
        MqttFailure.Unreachable or MqttFailure.ConnectionLost or MqttFailure.NoAnswer => true,
        MqttFailure.Refused or MqttFailure.EndedByServer => ReasonCode is MqttReasonCode.Unspecified
            or MqttReasonCode.ServerUnavailable or MqttReasonCode.ServerBusy or MqttReasonCode.ServerShuttingDown
            or MqttReasonCode.KeepAliveTimeout or MqttReasonCode.MessageRateTooHigh or MqttReasonCode.QuotaExceeded
            or MqttReasonCode.AdministrativeAction or MqttReasonCode.UseAnotherServer
            or MqttReasonCode.ConnectionRateExceeded or MqttReasonCode.MaximumConnectTime,
        _ => false,
    };
}
