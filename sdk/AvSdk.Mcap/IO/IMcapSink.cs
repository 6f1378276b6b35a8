namespace AvSdk.Mcap;

/// <summary>
/// Where a writer's bytes go, in order. Writes that fail throw, and the writer then refuses further use.
/// </summary>
public interface IMcapSink
{
    /// <summary>Bytes from the start of the MCAP file to where the next write goes.</summary>
    long Position { get; }

    /// <summary>Appends all of <paramref name="bytes"/>, which is borrowed until the call returns.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Hands what was written on; how durable it then is, the implementation says.</summary>
    void Flush();
}
