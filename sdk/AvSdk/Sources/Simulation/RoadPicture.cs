namespace AvSdk.Sources.Simulation;

/// <summary>
/// Draws a straight road under a sky, seen through a pinhole: a dashed line on each side of the lane, whole
/// lines at the edges, grass beyond, grain over all.
/// </summary>
internal sealed class RoadPicture
{
    public const double CameraHeight = 1.4;

    /// <summary>The way after which the picture repeats: a dash and the gap behind it, m.</summary>
    public const double PeriodMetres = 12;

    private const double HorizonPart = 0.45;

    private readonly SeededNoise _noise;
    private readonly YuvPicture _picture;
    private readonly int _grain;

    /// <param name="width">Pixels, a multiple of 16.</param>
    /// <param name="height">Pixels, a multiple of 16.</param>
    /// <param name="grain">Standard deviation of the sensor's noise, of 255.</param>
    /// <param name="noise">What the grain is drawn from.</param>
    public RoadPicture(int width, int height, int grain, SeededNoise noise)
    {
        _picture = new YuvPicture(width, height);
        _grain = grain;
        _noise = noise;
    }

    /// <summary>Draws; the picture is the same object each time.</summary>
    /// <param name="way">How far the camera has moved along the road, m; may be negative.</param>
    public YuvPicture Draw(double way)
    {
        int horizon = (int)(_picture.Height * HorizonPart);
        for (int y = 0; y < _picture.Height; y++)
        {
            if (y <= horizon)
                DrawSky(y, horizon);
            else
                DrawGround(y, horizon, way);
        }

        return _picture;
    }

    private void DrawSky(int y, int horizon)
    {
        byte luma = (byte)(170 + (50 * y / Math.Max(1, horizon)));
        for (int x = 0; x < _picture.Width; x++)
            Set(x, y, luma, blue: 148, red: 116);
    }

    private void DrawGround(int y, int horizon, double way)
    {
        // A field of view of 77°: focal length 0.63 of the width.
        double focal = _picture.Width * 0.63;
        double ahead = focal * CameraHeight / (y - horizon);
        double alongDash = (ahead + way) / PeriodMetres;
        bool dash = alongDash - Math.Floor(alongDash) < 0.5;
        double metresPerPixel = ahead / focal;
        for (int x = 0; x < _picture.Width; x++)
        {
            double across = Math.Abs((x - (_picture.Width * 0.5)) * metresPerPixel);
            if (across > 5.6)
                Set(x, y, 96, blue: 104, red: 112);
            else if (Math.Abs(across - 5.3) < 0.12 || (dash && Math.Abs(across - 1.75) < 0.1))
                Set(x, y, 222, blue: 127, red: 129);
            else
                Set(x, y, 88, blue: 129, red: 127);
        }
    }

    private void Set(int x, int y, int luma, byte blue, byte red)
    {
        int noisy = luma + (int)(_grain * _noise.Gaussian());
        _picture.Luma[(y * _picture.Width) + x] = (byte)Math.Clamp(noisy, 0, 255);
        if (((x | y) & 1) != 0)
            return;
        int at = (y / 2 * (_picture.Width / 2)) + (x / 2);
        _picture.ChromaBlue[at] = blue;
        _picture.ChromaRed[at] = red;
    }
}
