namespace AvSdk.Sources;

/// <summary>
/// One camera of a <see cref="SimulatedVehicle"/>: a road in JPEG, as <c>foxglove.CompressedImage</c>.
/// </summary>
public sealed record SimulatedCamera
{
    /// <summary>For example <c>/camera/front</c>.</summary>
    public required string Topic { get; init; }

    /// <summary>Frames a second. Default: 10.</summary>
    public double Rate { get; init; } = 10;

    /// <summary>Pixels, a multiple of 16, 16 to 7680. Default: 960.</summary>
    public int Width { get; init; } = 960;

    /// <summary>Pixels, a multiple of 16, 16 to 4320. Default: 544.</summary>
    public int Height { get; init; } = 544;

    /// <summary>Of the JPEG, 1 to 90, as the Independent JPEG Group counts it. Default: 85.</summary>
    public int Quality { get; init; } = 85;

    /// <summary>
    /// Standard deviation of the picture's noise, of 255: the more, the larger a frame. Default: 5.
    /// </summary>
    public int Grain { get; init; } = 5;

    /// <summary>Looks back instead of ahead. Default: false.</summary>
    public bool LooksBack { get; init; }

    /// <summary>The optical frame's name: the topic with <c>_</c> for <c>/</c>.</summary>
    public string FrameId => Topic.Trim('/').Replace('/', '_');
}
