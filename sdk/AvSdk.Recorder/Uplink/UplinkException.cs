namespace AvSdk.Recording.Uplink;

/// <summary>The link to the gateway failed. What was to be sent stays in the spool.</summary>
public sealed class UplinkException : Exception
{
    /// <summary>Creates the exception.</summary>
    public UplinkException(string message, bool isTransient, Exception? innerException = null)
        : base(message, innerException) => IsTransient = isTransient;

    /// <summary>Creates a transient failure.</summary>
    public UplinkException(string message)
        : this(message, isTransient: true)
    {
    }

    /// <summary>Creates a transient failure.</summary>
    public UplinkException(string message, Exception innerException)
        : this(message, isTransient: true, innerException)
    {
    }

    /// <summary>Creates a transient failure.</summary>
    public UplinkException()
        : this("The link to the gateway failed.")
    {
    }

    /// <summary>
    /// True: trying again may help. False: the gateway refuses this vehicle or this software.
    /// </summary>
    public bool IsTransient { get; }

    /// <summary>When the gateway wants to be tried again, and not before; null: it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
