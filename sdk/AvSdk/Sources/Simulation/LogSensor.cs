using System.Globalization;
using AvSdk.Contracts;
using AvSdk.Contracts.Foxglove;
using Google.Protobuf;

namespace AvSdk.Sources.Simulation;

/// <summary>A line at the beginning of each manoeuvre, a warning when the driver brakes hard.</summary>
internal sealed class LogSensor(ulong seed) : SimulatedSensor("/log", "events", Log.Descriptor)
{
    private readonly ManoeuvrePlan _plan = new(seed);

    public override double Rate => 0;

    protected override IMessage Measure(in Scene scene, uint index) => new Log
    {
        Timestamp = TimestampNanoseconds.ToTimestamp(scene.Time),
        Level = _plan.Current.Kind == ManoeuvreKind.HardBrake
            ? Log.Types.Level.Warning
            : Log.Types.Level.Info,
        Name = "driver",
        Message = string.Create(
            CultureInfo.InvariantCulture,
            $"{Words(_plan.Current.Kind)} from {scene.Motion.Speed:F1} m/s to {_plan.Current.Speed:F1} m/s"),
    };

    protected override void Advance(uint index) => Due = _plan.MoveNext().Start;

    private static string Words(ManoeuvreKind kind) => kind switch
    {
        ManoeuvreKind.Cruise => "goes along",
        ManoeuvreKind.BendLeft => "bends left",
        ManoeuvreKind.BendRight => "bends right",
        ManoeuvreKind.Accelerate => "accelerates",
        ManoeuvreKind.Stop => "stops",
        _ => "brakes hard",
    };
}
