using AvSdk.Mcap;

namespace AvSdk.Gateway.Store;

/// <summary>
/// An open file of an <see cref="IPackDisk"/>. Its flush returns when data and length are durable; after one
/// that failed every further write and flush fails too.
/// </summary>
internal interface IPackFile : IMcapSink, IMcapSource, IDisposable
{
    string Name { get; }

    /// <summary>Cuts the file, which goes on from there.</summary>
    void Truncate(long length);
}
