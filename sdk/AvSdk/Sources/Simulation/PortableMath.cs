namespace AvSdk.Sources.Simulation;

/// <summary>
/// Angles by additions and multiplications alone, which IEEE 754 makes the same everywhere. <see
/// cref="Math.Sin"/> asks the C library, and a drive with the same seed would differ from machine to
/// machine.
/// </summary>
internal static class PortableMath
{
    private const double HalfPiHigh = 1.5707963267341256;
    private const double HalfPiLow = 6.077100506506192e-11;

    public static (double Sin, double Cos) SinCos(double angle)
    {
        double quarter = Math.Round(angle * (2 / Math.PI));
        double rest = angle - (quarter * HalfPiHigh) - (quarter * HalfPiLow);
        (double sin, double cos) = (SinNearZero(rest), CosNearZero(rest));
        return ((long)quarter & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    public static double Atan2(double y, double x)
    {
        double length = Math.Sqrt((x * x) + (y * y));
        if (length == 0)
            return 0;
        // Half the angle, by tan(α/2) = y / (length + x); from behind, measured from the other side.
        return x >= 0
            ? 2 * Atan(y / (length + x))
            : (y >= 0 ? Math.PI : -Math.PI) - (2 * Atan(y / (length - x)));
    }

    /// <summary>For |<paramref name="tangent"/>| ≤ 1.</summary>
    public static double Atan(double tangent)
    {
        // Halved twice, so that the series of ten terms is exact to 10⁻¹⁵.
        double half = tangent / (1 + Math.Sqrt(1 + (tangent * tangent)));
        double z = half / (1 + Math.Sqrt(1 + (half * half)));
        double square = z * z;
        double sum = 0;
        for (int k = 21; k >= 1; k -= 2)
            sum = (1.0 / k) - (square * sum);
        return 4 * z * sum;
    }

    // Taylor's series on [−π/4, π/4].
    private static double SinNearZero(double x)
    {
        double s = x * x;
        return x * (1 - (s / 6 * (1 - (s / 20 * (1 - (s / 42 * (1 - (s / 72 * (1 - (s / 110
            * (1 - (s / 156 * (1 - (s / 210))))))))))))));
    }

    private static double CosNearZero(double x)
    {
        double s = x * x;
        return 1 - (s / 2 * (1 - (s / 12 * (1 - (s / 30 * (1 - (s / 56 * (1 - (s / 90
            * (1 - (s / 132 * (1 - (s / 182 * (1 - (s / 240)))))))))))))));
    }
}
