namespace AvSdk.Gateway.Store;

/// <summary>A pack was not begun because there is one of that name, which was not touched.</summary>
/// <remarks>
/// A type of its own, because what any other failed beginning leaves behind is removed; this one must stay.
/// </remarks>
public sealed class PackExistsException : IOException
{
    /// <summary>Creates the exception for a pack.</summary>
    public PackExistsException(PackId id, Exception? innerException)
        : this($"There is a pack {id} that the index does not know. It stays; the next number is taken.",
            innerException)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public PackExistsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public PackExistsException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public PackExistsException()
        : this("There is a pack of that name.")
    {
    }
}
