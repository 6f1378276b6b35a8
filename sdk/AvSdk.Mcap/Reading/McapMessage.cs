namespace AvSdk.Mcap;

/// <summary>A message whose payload was decoded.</summary>
/// <typeparam name="T">What it was decoded to.</typeparam>
/// <param name="LogTime">When it was recorded, ns.</param>
/// <param name="PublishTime">When it was published, ns.</param>
/// <param name="Sequence">The source's counter; 0 where the source has none.</param>
/// <param name="Channel">The channel that it belongs to.</param>
/// <param name="Value">What the decoder made of it.</param>
public readonly record struct McapMessage<T>(
    ulong LogTime, ulong PublishTime, uint Sequence, McapChannel Channel, T Value);
