namespace AvSdk.Testing;

/// <summary>What is asked of a disk.</summary>
public enum DiskOperationKind
{
    /// <summary>A new file.</summary>
    Create,

    /// <summary>An existing file is opened.</summary>
    Open,

    /// <summary>Bytes are added to a file.</summary>
    Append,

    /// <summary>Bytes of a file are read.</summary>
    Read,

    /// <summary>A file is made durable.</summary>
    Flush,

    /// <summary>A file is cut.</summary>
    Truncate,

    /// <summary>A file gets another name.</summary>
    Rename,

    /// <summary>A file is deleted.</summary>
    Delete,
}
