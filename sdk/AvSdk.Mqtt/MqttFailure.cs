namespace AvSdk.Mqtt;

/// <summary>Why a connection was not made, or ended.</summary>
public enum MqttFailure
{
    /// <summary>No connection: name, address, TLS, proxy, or the connect timeout.</summary>
    Unreachable,

    /// <summary>The server refused the connection; the reason code says why.</summary>
    Refused,

    /// <summary>The server ended it with a DISCONNECT; the reason code says why.</summary>
    EndedByServer,

    /// <summary>The connection broke, or ended without a DISCONNECT.</summary>
    ConnectionLost,

    /// <summary>The server did not answer for as long as the options allow.</summary>
    NoAnswer,

    /// <summary>What came is no MQTT 5, or not allowed; the reason code is what the server was told.</summary>
    BadPacket,

    /// <summary>The authenticator failed, or did not accept the server.</summary>
    AuthenticationFailed,

    /// <summary>This end closed it.</summary>
    ClosedByCaller,
}
