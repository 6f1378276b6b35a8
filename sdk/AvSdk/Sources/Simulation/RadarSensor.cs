using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Sources.Simulation;

/// <summary>
/// A long-range radar behind the front bumper: what is on the road before it, within its view.
/// </summary>
internal sealed class RadarSensor(ulong seed, double rate)
    : PeriodicSensor("/radar/front", "telemetry", RadarTracks.Descriptor, rate, phase: 0.59)
{
    public const double RangeMax = 140;
    public const double AzimuthMax = 1.05;

    /// <summary>From base_link, m.</summary>
    public const double MountedAhead = 3.7;

    private readonly SeededNoise _noise = new(seed, "/radar/front");
    private readonly HashSet<uint> _seenBefore = [];
    private readonly HashSet<uint> _seen = [];

    protected override IMessage Measure(in Scene scene, uint index)
    {
        RadarTracks tracks = new()
        {
            Timestamp = TimestampNanoseconds.ToTimestamp(scene.Time),
            FrameId = "radar_front",
            Cycle = index,
        };
        _seen.Clear();
        for (int i = 0; i < Traffic.Count; i++)
        {
            if (See(scene.Traffic.At(i, scene.Seconds, scene.Motion)) is { } track)
                tracks.Tracks.Add(track);
        }

        _seenBefore.Clear();
        _seenBefore.UnionWith(_seen);
        Sort(tracks);
        return tracks;
    }

    private RadarTrack? See(in RoadUser user)
    {
        double x = user.X - (user.Length * 0.5) - MountedAhead;
        double range = Math.Sqrt((x * x) + (user.Y * user.Y));
        double azimuth = PortableMath.Atan2(user.Y, x);
        if (x < 1 || range > RangeMax || Math.Abs(azimuth) > AzimuthMax)
            return null;

        _seen.Add(user.Id);
        bool truck = user.Length > 6;
        return new RadarTrack
        {
            Id = user.Id,
            X = x + (0.08 * _noise.Gaussian()),
            Y = user.Y + (0.0015 * range * _noise.Gaussian()),
            Range = range + (0.06 * _noise.Gaussian()),
            Azimuth = azimuth + (0.0015 * _noise.Gaussian()),
            RangeRate = (x * user.VelocityX / range) + (0.04 * _noise.Gaussian()),
            VelocityX = user.VelocityX + (0.05 * _noise.Gaussian()),
            VelocityY = 0.15 * _noise.Gaussian(),
            RcsDbsm = (float)((truck ? 18 : 9) + (1.5 * _noise.Gaussian())),
            SnrDb = (float)(34 - (range * 0.15) + _noise.Gaussian()),
            ExistenceProbability = (float)Math.Clamp(1.02 - (range / 700), 0, 1),
            State = _seenBefore.Contains(user.Id) ? RadarTrackState.Measured : RadarTrackState.New,
            TrackClass = truck ? RadarTrackClass.Truck : RadarTrackClass.Car,
            Length = (float)user.Length,
            Width = (float)user.Width,
        };
    }

    private static void Sort(RadarTracks tracks)
    {
        RadarTrack[] sorted = [.. tracks.Tracks.OrderBy(static track => track.Id)];
        tracks.Tracks.Clear();
        tracks.Tracks.Add(sorted);
    }
}
