namespace AvSdk.Sources.Simulation;

/// <summary>
/// A picture in three planes, brightness whole, colour at half the width and height (4:2:0).
/// </summary>
/// <remarks>Width and height are multiples of 16.</remarks>
internal sealed class YuvPicture(int width, int height)
{
    public int Width { get; } = width;

    public int Height { get; } = height;

    public byte[] Luma { get; } = new byte[width * height];

    public byte[] ChromaBlue { get; } = new byte[width / 2 * (height / 2)];

    public byte[] ChromaRed { get; } = new byte[width / 2 * (height / 2)];
}
