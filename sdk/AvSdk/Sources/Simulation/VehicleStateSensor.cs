using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Sources.Simulation;

/// <summary>What the car's own controllers know, decoded.</summary>
internal sealed class VehicleStateSensor(double rate)
    : PeriodicSensor("/vehicle/state", "telemetry", VehicleState.Descriptor, rate, phase: 0.23)
{
    protected override IMessage Measure(in Scene scene, uint index)
    {
        Motion motion = scene.Motion;
        Controls controls = Controls.Of(motion);
        return new VehicleState
        {
            Timestamp = TimestampNanoseconds.ToTimestamp(scene.Time),
            Speed = motion.Speed,
            LongitudinalAcceleration = motion.Acceleration,
            LateralAcceleration = motion.LateralAcceleration,
            YawRate = motion.YawRate,
            SteeringAngle = controls.SteeringAngle,
            SteeringWheelAngle = controls.SteeringAngle * Controls.SteeringRatio,
            SteeringTorque = controls.SteeringTorque,
            WheelSpeeds = new WheelSpeeds
            {
                FrontLeft = controls.LeftWheelSpeed,
                FrontRight = controls.RightWheelSpeed,
                RearLeft = controls.LeftWheelSpeed,
                RearRight = controls.RightWheelSpeed,
            },
            Gear = Gear.Drive,
            AcceleratorPedal = (float)controls.Accelerator,
            BrakePedal = (float)controls.Brake,
            BrakePressure = (float)controls.BrakePressure,
            TurnSignal = controls.TurnSignal,
            DriveMode = DriveMode.Manual,
            Odometer = motion.Distance,
            BatteryCharge = (float)Controls.BatteryCharge(motion),
        };
    }
}

/// <summary>Where the driver's hands and feet are for the car to move as it does.</summary>
/// <param name="SteeringAngle">Of the front wheels, rad.</param>
/// <param name="SteeringTorque">N·m.</param>
/// <param name="LeftWheelSpeed">m/s.</param>
/// <param name="RightWheelSpeed">m/s.</param>
/// <param name="Accelerator">0 to 1.</param>
/// <param name="Brake">0 to 1.</param>
/// <param name="BrakePressure">MPa.</param>
/// <param name="TurnSignal">The lever.</param>
internal readonly record struct Controls(
    double SteeringAngle, double SteeringTorque, double LeftWheelSpeed, double RightWheelSpeed,
    double Accelerator, double Brake, double BrakePressure, TurnSignal TurnSignal)
{
    public const double SteeringRatio = 14.5;

    private const double WheelBase = 2.69;
    private const double Track = 1.58;

    public static Controls Of(in Motion motion)
    {
        // Rolling and air resistance slow the car down without a pedal.
        double drive = motion.Acceleration + 0.12 + (0.0006 * motion.Speed * motion.Speed);
        double brake = Math.Clamp(-drive / 9, 0, 1);
        bool standing = motion.Speed < 0.01 && motion.Acceleration <= 0;
        return new Controls(
            SteeringAngle: PortableMath.Atan(WheelBase * motion.Curvature),
            SteeringTorque: 0.6 * motion.LateralAcceleration,
            LeftWheelSpeed: motion.Speed * (1 - (motion.Curvature * Track / 2)),
            RightWheelSpeed: motion.Speed * (1 + (motion.Curvature * Track / 2)),
            Accelerator: standing ? 0 : Math.Clamp(drive / 4, 0, 1),
            Brake: standing ? 0.2 : brake,
            BrakePressure: standing ? 2.4 : brake * 12,
            TurnSignal: motion.Manoeuvre switch
            {
                ManoeuvreKind.BendLeft => TurnSignal.Left,
                ManoeuvreKind.BendRight => TurnSignal.Right,
                _ => TurnSignal.Off,
            });
    }

    /// <summary>0 to 1: full at the start, empty after 400 km.</summary>
    public static double BatteryCharge(in Motion motion) => Math.Max(0, 1 - (motion.Distance / 400_000));
}
