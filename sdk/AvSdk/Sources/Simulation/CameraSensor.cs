using System.Globalization;
using System.Text.Unicode;
using AvSdk.Contracts;
using AvSdk.Contracts.Foxglove;
using Google.Protobuf;

namespace AvSdk.Sources.Simulation;

/// <summary>
/// A camera whose frames are JPEG files that any viewer shows. Encoding each frame would cost more than
/// recording it, so there are <see cref="Phases"/> pictures along the period of the road's dashes, each
/// drawn and encoded when it is first needed; a frame is the one for where the vehicle is, with its number
/// and time in a comment segment.
/// </summary>
internal sealed class CameraSensor : PeriodicSensor
{
    public const int Phases = 12;

    private const int BeginBytesMax = 128;

    private readonly SimulatedCamera _camera;
    private readonly JpegEncoder _encoder;
    private readonly RoadPicture _road;
    private readonly PayloadMemory _memory;
    private readonly byte[]?[] _pictures = new byte[Phases][];

    public CameraSensor(ulong seed, SimulatedCamera camera, double phase, bool reuseMemory)
        : base(camera.Topic, "sensors", CompressedImage.Descriptor, camera.Rate, phase)
    {
        _camera = camera;
        _encoder = new JpegEncoder(camera.Quality);
        _memory = new PayloadMemory(reuseMemory);
        SeededNoise noise = new(seed, camera.Topic);
        _road = new RoadPicture(camera.Width, camera.Height, camera.Grain, noise);
    }

    protected override IMessage Measure(in Scene scene, uint index)
    {
        byte[] rest = Picture(scene.Motion.Distance);
        byte[] bytes = _memory.Take(BeginBytesMax + rest.Length);

        Span<byte> comment = stackalloc byte[64];
        _ = Utf8.TryWrite(
            comment, CultureInfo.InvariantCulture,
            $"simulated frame {index + 1} at {scene.Time} ns", out int commentBytes);
        int used = JpegEncoder.Begin(bytes, comment[..commentBytes]);
        rest.CopyTo(bytes, used);
        return new CompressedImage
        {
            Timestamp = TimestampNanoseconds.ToTimestamp(scene.Time),
            FrameId = _camera.FrameId,
            Format = "jpeg",
            Data = UnsafeByteOperations.UnsafeWrap(bytes.AsMemory(0, used + rest.Length)),
        };
    }

    private byte[] Picture(double distance)
    {
        double periods = distance / RoadPicture.PeriodMetres;
        int phase = (int)((periods - Math.Floor(periods)) * Phases);
        double way = phase * RoadPicture.PeriodMetres / Phases;
        return _pictures[phase] ??= _encoder.EncodeRest(_road.Draw(_camera.LooksBack ? -way : way));
    }
}
