using System.Buffers.Binary;
using AvSdk.Contracts;
using AvSdk.Contracts.Foxglove;
using Google.Protobuf;

namespace AvSdk.Sources.Simulation;

/// <summary>
/// A spinning lidar in a street of houses: rays of fixed elevation (rings) and azimuth (columns) against
/// the ground, the houses of both sides and the traffic. Rays that meet nothing within <see
/// cref="RangeMax"/> have no point. Points lie column by column, from ahead to the left, in each the rings
/// from below.
/// </summary>
internal sealed class LidarSensor : PeriodicSensor
{
    public const string Frame = "lidar_top";
    public const double RangeMax = 100;
    public const double MountedAbove = 1.9;
    public const int PointBytes = 16;

    private const double MountedAhead = 1.2;
    private const double ElevationMax = 15 * Math.PI / 180;
    private const double RangeNoise = 0.015;
    private const double HouseLength = 14;

    private readonly SeededNoise _noise;
    private readonly ulong _seed;
    private readonly PayloadMemory _memory;
    private readonly (double Sin, double Cos)[] _columns;
    private readonly (double Tan, double PerCos)[] _rings;
    private readonly RoadUser[] _users = new RoadUser[Traffic.Count];

    public LidarSensor(ulong seed, double rate, int rings, int columns, bool reuseMemory)
        : base("/lidar/top", "sensors", PointCloud.Descriptor, rate, phase: 0.05)
    {
        _seed = seed;
        _noise = new SeededNoise(seed, Topic);
        _memory = new PayloadMemory(reuseMemory);
        _columns = new (double, double)[columns];
        for (int i = 0; i < columns; i++)
            _columns[i] = PortableMath.SinCos(2 * Math.PI * i / columns);
        _rings = new (double, double)[rings];
        for (int i = 0; i < rings; i++)
        {
            (double sin, double cos) = PortableMath.SinCos(Elevation(i, rings));
            _rings[i] = (sin / cos, 1 / cos);
        }
    }

    public static double Elevation(int ring, int rings) =>
        rings == 1 ? 0 : (ring * 2 * ElevationMax / (rings - 1)) - ElevationMax;

    protected override IMessage Measure(in Scene scene, uint index)
    {
        for (int i = 0; i < _users.Length; i++)
            _users[i] = scene.Traffic.At(i, scene.Seconds, scene.Motion);

        byte[] bytes = _memory.Take(_columns.Length * _rings.Length * PointBytes);
        int used = 0;
        foreach ((double sin, double cos) in _columns)
        {
            Surface house = House(sin, cos, scene.Motion.Distance);
            Surface user = NearestUser(sin, cos);
            for (int ring = 0; ring < _rings.Length; ring++)
            {
                if (TryHit(house, user, ring, out double way, out double brightness))
                {
                    Write(bytes.AsSpan(used, PointBytes), ring, sin, cos, way, brightness);
                    used += PointBytes;
                }
            }
        }

        return new PointCloud
        {
            Timestamp = TimestampNanoseconds.ToTimestamp(scene.Time),
            FrameId = Frame,
            Pose = new Pose { Position = new Vector3(), Orientation = new Quaternion { W = 1 } },
            PointStride = PointBytes,
            Fields =
            {
                Field("x", 0, PackedElementField.Types.NumericType.Float32),
                Field("y", 4, PackedElementField.Types.NumericType.Float32),
                Field("z", 8, PackedElementField.Types.NumericType.Float32),
                Field("intensity", 12, PackedElementField.Types.NumericType.Uint16),
                Field("ring", 14, PackedElementField.Types.NumericType.Uint16),
            },
            Data = UnsafeByteOperations.UnsafeWrap(bytes.AsMemory(0, used)),
        };
    }

    // Something upright: how far, over the ground, how high, how bright.
    private readonly record struct Surface(double Way, double Height, double Brightness);

    private bool TryHit(in Surface house, in Surface user, int ring, out double way, out double brightness)
    {
        (double tan, double perCos) = _rings[ring];
        way = tan < 0 ? MountedAbove / -tan : double.PositiveInfinity;
        brightness = 28;
        Meet(house, tan, ref way, ref brightness);
        Meet(user, tan, ref way, ref brightness);
        return way * perCos <= RangeMax;
    }

    private static void Meet(in Surface surface, double tan, ref double way, ref double brightness)
    {
        if (surface.Way >= way || MountedAbove + (surface.Way * tan) > surface.Height)
            return;
        way = surface.Way;
        brightness = surface.Brightness;
    }

    private Surface House(double sin, double cos, double distance)
    {
        double side = sin >= 0 ? 9 : 7;
        double across = Math.Max(Math.Abs(sin), 1e-6);
        // Which house: counted along the road, so that they stand still while the vehicle passes.
        long number = (long)Math.Floor((distance + (side / across * cos)) / HouseLength);
        ulong look = SeededNoise.Mix(_seed ^ ((ulong)number << 1) ^ (sin >= 0 ? 1UL : 0));
        if (look % 5 == 0)
            side += 14; // a gap between two, and what is behind
        double front = side + ((look >> 8) % 100 * 0.012);
        return new Surface(front / across, 5 + ((look >> 16) % 9), 50 + ((look >> 24) % 70));
    }

    // The slab test in two dimensions, for each box.
    private Surface NearestUser(double sin, double cos)
    {
        Surface nearest = new(double.PositiveInfinity, 0, 0);
        foreach (ref readonly RoadUser user in _users.AsSpan())
        {
            (double nearX, double farX) = Slab(user.X - MountedAhead, user.Length * 0.5, cos);
            (double nearY, double farY) = Slab(user.Y, user.Width * 0.5, sin);
            double enter = Math.Max(nearX, nearY);
            if (enter > 0.5 && enter <= Math.Min(farX, farY) && enter < nearest.Way)
                nearest = new Surface(enter, user.Height, 180);
        }

        return nearest;
    }

    private static (double Near, double Far) Slab(double middle, double half, double direction)
    {
        if (Math.Abs(direction) < 1e-9)
        {
            return Math.Abs(middle) <= half
                ? (double.NegativeInfinity, double.PositiveInfinity)
                : (double.PositiveInfinity, double.NegativeInfinity);
        }

        double a = (middle - half) / direction, b = (middle + half) / direction;
        return a < b ? (a, b) : (b, a);
    }

    private void Write(Span<byte> point, int ring, double sin, double cos, double way, double brightness)
    {
        (double tan, double perCos) = _rings[ring];
        double measured = way + (RangeNoise * _noise.Gaussian() / perCos);
        double intensity = (brightness / (1 + (way * 0.01))) + (4 * _noise.Gaussian());
        BinaryPrimitives.WriteSingleLittleEndian(point, (float)(measured * cos));
        BinaryPrimitives.WriteSingleLittleEndian(point[4..], (float)(measured * sin));
        BinaryPrimitives.WriteSingleLittleEndian(point[8..], (float)(measured * tan));
        BinaryPrimitives.WriteUInt16LittleEndian(point[12..], (ushort)Math.Clamp(intensity, 0, 255));
        BinaryPrimitives.WriteUInt16LittleEndian(point[14..], (ushort)ring);
    }

    private static PackedElementField Field(
        string name, uint offset, PackedElementField.Types.NumericType type) =>
        new() { Name = name, Offset = offset, Type = type };
}
