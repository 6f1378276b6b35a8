namespace AvSdk.Mcap;

/// <summary>In which order a query gives its messages.</summary>
public enum McapOrder
{
    /// <summary>By log time; equal times in file order. Holds the chunks that overlap in memory.</summary>
    LogTime,

    /// <summary>As they stand in the file. Holds one chunk in memory.</summary>
    File,
}
