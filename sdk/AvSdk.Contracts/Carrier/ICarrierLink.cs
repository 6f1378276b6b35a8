namespace AvSdk.Contracts.Carrier;

/// <summary>What a <see cref="CarrierChannel"/> publishes with: a broker's client, or a simulated one.</summary>
public interface ICarrierLink
{
    /// <summary>The longest header and data together that one publication may have, bytes.</summary>
    int PublicationBytesMax { get; }

    /// <summary>
    /// Publishes at least once. Publications go out in the order of the calls. Both parts are borrowed until the task ends.
    /// </summary>
    /// <returns>Ends when the broker has it.</returns>
    /// <exception cref="CarrierException">It was not taken, and the stream is over.</exception>
    ValueTask PublishAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> data);
}
