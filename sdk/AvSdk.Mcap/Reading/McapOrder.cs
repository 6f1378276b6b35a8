namespace AvSdk.Mcap;

/// <summary>In which order a query gives its messages.</summary>
public enum McapOrder
{
    /// <summary>
    /// By log time; equal times in file order. Holds the chunks that overlap in memory, up to
    /// <see cref="McapReadOptions.BufferBytesMax"/>.
    /// </summary>
    LogTime,

    /// <summary>As they stand in the file. Holds one chunk in memory.</summary>
    File,

    /// <summary>The exact reverse of <see cref="LogTime"/>, with the same memory.</summary>
    ReverseLogTime,
}
