namespace AvSdk.Mcap;

/// <summary>How bad a finding is.</summary>
public enum McapSeverity
{
    /// <summary>The file is good, but can be written better.</summary>
    Warning,

    /// <summary>The file is damaged or breaks the specification.</summary>
    Error,
}
