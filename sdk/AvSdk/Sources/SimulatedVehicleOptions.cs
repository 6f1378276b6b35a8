using System.Globalization;
using AvSdk.Recording;

namespace AvSdk.Sources;

/// <summary>
/// What a <see cref="SimulatedVehicle"/> has and does. The defaults make about 4 MB a second in 1,215
/// messages. A rate of 0 leaves a sensor out.
/// </summary>
public sealed record SimulatedVehicleOptions
{
    /// <summary>The defaults.</summary>
    public static SimulatedVehicleOptions Default { get; } = new();

    /// <summary>The same seed and options make the same bytes, on every machine. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// When the drive begins: nanoseconds since 1970; messages carry log times from here on. Default:
    /// 2026-11-21T10:00:00Z, so that two drives are alike; a live vehicle sets it to the present.
    /// </summary>
    public ulong StartTime { get; init; } = 1_795_255_200_000_000_000;

    /// <summary>
    /// How long the drive is; messages come before its end. <see cref="Timeout.InfiniteTimeSpan"/>: it does
    /// not end. Default: 60 s.
    /// </summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Default: <c>/camera/front</c> at 10 Hz and <c>/camera/rear</c> at 5 Hz.</summary>
    public IReadOnlyList<SimulatedCamera> Cameras { get; init; } =
    [
        new SimulatedCamera { Topic = "/camera/front", Rate = 10 },
        new SimulatedCamera { Topic = "/camera/rear", Rate = 5, LooksBack = true },
    ];

    /// <summary>Turns a second of <c>/lidar/top</c>, <c>foxglove.PointCloud</c>. Default: 10.</summary>
    public double LidarRate { get; init; } = 10;

    /// <summary>Rays above each other, from −15° to 15°; 1 to 256. Default: 16.</summary>
    public int LidarRings { get; init; } = 16;

    /// <summary>Measurements of a ray in a turn, 16 to 8192; a point takes 16 bytes. Default: 1024.</summary>
    public int LidarColumns { get; init; } = 1024;

    /// <summary>Cycles a second of <c>/radar/front</c>, <c>av.v1.RadarTracks</c>. Default: 20.</summary>
    public double RadarRate { get; init; } = 20;

    /// <summary>Samples a second of <c>/imu</c>, <c>av.v1.Imu</c>. Default: 100.</summary>
    public double ImuRate { get; init; } = 100;

    /// <summary>Fixes a second of <c>/gnss</c>, <c>foxglove.LocationFix</c>. Default: 10.</summary>
    public double GnssRate { get; init; } = 10;

    /// <summary>
    /// Frames a second of <c>/can</c>, <c>av.v1.CanFrame</c>, of both buses together. Default: 1,000.
    /// </summary>
    public double CanRate { get; init; } = 1000;

    /// <summary>Messages a second of <c>/vehicle/state</c>, <c>av.v1.VehicleState</c>. Default: 50.</summary>
    public double VehicleStateRate { get; init; } = 50;

    /// <summary>Messages a second of <c>/tf</c>, <c>foxglove.FrameTransforms</c>. Default: 20.</summary>
    public double TransformRate { get; init; } = 20;

    /// <summary>A line on <c>/log</c>, <c>foxglove.Log</c>, at each manoeuvre. Default: true.</summary>
    public bool Log { get; init; } = true;

    /// <summary>
    /// True: topics ask for the lanes <c>events</c>, <c>telemetry</c> and <c>sensors</c>. False: the
    /// recorder's lane rules decide. Default: true.
    /// </summary>
    public bool NamesLanes { get; init; } = true;

    /// <summary>Where the drive begins: degrees north, −85 to 85. Default: 48.2627.</summary>
    public double Latitude { get; init; } = 48.2627;

    /// <summary>Where the drive begins: degrees east, −180 to 180. Default: 11.6679.</summary>
    public double Longitude { get; init; } = 11.6679;

    /// <summary>Everything that is wrong with these options; empty: nothing.</summary>
    public IReadOnlyList<OptionProblem> Validate()
    {
        List<OptionProblem> problems = [];
        if (Duration <= TimeSpan.Zero && Duration != Timeout.InfiniteTimeSpan)
            Add("Duration", Duration.ToString("c"), "longer than 0, or Timeout.InfiniteTimeSpan");
        Rate("LidarRate", LidarRate);
        Rate("RadarRate", RadarRate);
        Rate("ImuRate", ImuRate);
        Rate("GnssRate", GnssRate);
        Rate("CanRate", CanRate);
        Rate("VehicleStateRate", VehicleStateRate);
        Rate("TransformRate", TransformRate);
        Range("LidarRings", LidarRings, 1, 256);
        Range("LidarColumns", LidarColumns, 16, 8192);
        Range("Latitude", Latitude, -85, 85);
        Range("Longitude", Longitude, -180, 180);
        HashSet<string> topics = new(StringComparer.Ordinal);
        foreach (SimulatedCamera camera in Cameras)
        {
            string key = $"Cameras[{camera.Topic}]";
            if (!topics.Add(camera.Topic) || camera.Topic.Trim('/').Length == 0)
                Add("Cameras.Topic", camera.Topic, "a topic of its own for each, for example /camera/front");
            Rate(key + ".Rate", camera.Rate);
            Range(key + ".Quality", camera.Quality, 1, 90);
            Range(key + ".Grain", camera.Grain, 0, 40);
            Pixels(key + ".Width", camera.Width, 7680);
            Pixels(key + ".Height", camera.Height, 4320);
        }

        return problems;

        void Rate(string key, double value) => Range(key, value, 0, 1_000_000);

        void Range(string key, double value, double least, double most)
        {
            if (!(value >= least && value <= most))
                Add(key, value.ToString(CultureInfo.InvariantCulture), Invariant($"from {least} to {most}"));
        }

        void Pixels(string key, int value, int most)
        {
            if (value is < 16 || value > most || value % 16 != 0)
            {
                Add(key, value.ToString(CultureInfo.InvariantCulture),
                    Invariant($"a multiple of 16 up to {most}"));
            }
        }

        void Add(string key, string value, string remedy) =>
            problems.Add(new OptionProblem(key, value, remedy));

        static string Invariant(FormattableString text) => FormattableString.Invariant(text);
    }
}
