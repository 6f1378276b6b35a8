using AvSdk.Contracts;
using AvSdk.Contracts.Foxglove;
using Google.Protobuf;

namespace AvSdk.Sources.Simulation;

/// <summary>Where the vehicle is on the map and where its sensors are mounted, for viewers.</summary>
internal sealed class TransformSensor(double rate, IReadOnlyList<SimulatedCamera> cameras)
    : PeriodicSensor("/tf", "telemetry", FrameTransforms.Descriptor, rate, phase: 0.73)
{
    // A camera looks along its z axis, with y down: a vehicle's axes, turned.
    private static readonly Quaternion LooksAhead = new() { X = -0.5, Y = 0.5, Z = -0.5, W = 0.5 };
    private static readonly Quaternion LooksBack = new() { X = -0.5, Y = -0.5, Z = 0.5, W = 0.5 };

    protected override IMessage Measure(in Scene scene, uint index)
    {
        Motion motion = scene.Motion;
        (double sin, double cos) = PortableMath.SinCos(motion.Heading * 0.5);
        Google.Protobuf.WellKnownTypes.Timestamp time = TimestampNanoseconds.ToTimestamp(scene.Time);
        FrameTransforms transforms = new();
        Add("map", "base_link", motion.East, motion.North, 0, new Quaternion { Z = sin, W = cos });
        Add("base_link", LidarSensor.Frame, 1.2, 0, LidarSensor.MountedAbove, new Quaternion { W = 1 });
        Add("base_link", "radar_front", RadarSensor.MountedAhead, 0, 0.5, new Quaternion { W = 1 });
        Add("base_link", "imu", 0.4, 0, 0.6, new Quaternion { W = 1 });
        Add("base_link", "gnss", 0.2, 0, 1.6, new Quaternion { W = 1 });
        foreach (SimulatedCamera camera in cameras)
        {
            double x = camera.LooksBack ? -0.8 : 1.9;
            Quaternion view = camera.LooksBack ? LooksBack : LooksAhead;
            Add("base_link", camera.FrameId, x, 0, RoadPicture.CameraHeight, view);
        }

        return transforms;

        void Add(string parent, string child, double x, double y, double z, Quaternion rotation) =>
            transforms.Transforms.Add(new FrameTransform
            {
                Timestamp = time,
                ParentFrameId = parent,
                ChildFrameId = child,
                Translation = new Vector3 { X = x, Y = y, Z = z },
                Rotation = rotation,
            });
    }
}
