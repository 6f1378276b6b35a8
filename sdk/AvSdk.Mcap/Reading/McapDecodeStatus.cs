namespace AvSdk.Mcap;

/// <summary>What a step of <see cref="McapStreamDecoder"/> came to.</summary>
public enum McapDecodeStatus
{
    /// <summary>Give it more input, or tell it that there is none.</summary>
    NeedInput,

    /// <summary>A record is at hand.</summary>
    Record,

    /// <summary>The input is at its end, and it was whole.</summary>
    End,

    /// <summary>The bytes are not good; nothing more comes.</summary>
    Error,
}
