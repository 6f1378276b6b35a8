namespace AvSdk.Mcap;

/// <summary>How a try to read from bytes ended.</summary>
public enum McapReadStatus
{
    /// <summary>The input ends before the record does: try again with more.</summary>
    NeedMore,

    /// <summary>Read.</summary>
    Ok,

    /// <summary>The bytes are not what they should be; the error says where and what to do.</summary>
    Error,
}
