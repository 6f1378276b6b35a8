namespace AvSdk.Contracts.Carrier;

/// <summary>A publication that arrived. Disposing says that it is done with, and gives its memory back.</summary>
public interface ICarried : IDisposable
{
    /// <summary>Header and data; good until it is disposed.</summary>
    ReadOnlyMemory<byte> Publication { get; }
}
