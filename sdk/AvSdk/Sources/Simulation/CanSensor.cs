using System.Buffers.Binary;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Sources.Simulation;

/// <summary>
/// Two buses in one topic. Twenty frames make a cycle, 20 ms at 1,000 frames a second: the first eight
/// kinds below twice, the others once. Numbers are big-endian; the last byte but one is a counter from 0 to
/// 15, the last the checksum: identifier bytes, length and all bytes before it, added modulo 256.
/// <code>
/// bus id          content
/// 0   0x022       longitudinal i16 mm/s², lateral i16 mm/s², yaw rate i16 0.1 mrad/s
/// 0   0x025       steering wheel angle i16 mrad, torque i16 0.01 N·m
/// 0   0x0B0       front wheels left u16, right u16, 0.01 m/s
/// 0   0x0B2       rear wheels left u16, right u16, 0.01 m/s
/// 0   0x0B4       speed u16 0.01 m/s, acceleration i16 mm/s²
/// 0   0x1C4       accelerator u8 0.5 %, motor speed u16 rpm
/// 0   0x224       brake u8 0.5 %, pressure u16 kPa
/// 0   0x2E4       lane centre offset i16 mm, road curvature i16 10⁻⁵/m
/// 0   0x3BC       gear u8 (av.v1.Gear)
/// 0   0x610       odometer u32 m
/// 1   0x614       turn signal u8 (av.v1.TurnSignal)
/// 1   0x18FF50E5  extended: battery charge u16 0.01 %, voltage u16 0.1 V, current i16 0.1 A
/// </code>
/// </summary>
internal sealed class CanSensor : PeriodicSensor
{
    private static ReadOnlySpan<byte> KindBySlot =>
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 10, 11];

    private static readonly uint[] Ids =
        [0x022, 0x025, 0x0B0, 0x0B2, 0x0B4, 0x1C4, 0x224, 0x2E4, 0x3BC, 0x610, 0x614, 0x18FF50E5];

    private readonly SeededNoise _noise;
    private readonly byte[] _counters = new byte[Ids.Length];

    public CanSensor(ulong seed, double rate)
        : base("/can", "telemetry", CanFrame.Descriptor, rate, phase: 0.17) =>
        _noise = new SeededNoise(seed, Topic);

    protected override IMessage Measure(in Scene scene, uint index)
    {
        int kind = KindBySlot[(int)(index % (uint)KindBySlot.Length)];
        uint id = Ids[kind];
        Span<byte> data = stackalloc byte[8];
        int length = Fill(kind, scene.Motion, data);
        data[length++] = (byte)(_counters[kind]++ & 0x0F);
        data[length] = Checksum(id, length + 1, data[..length]);

        return new CanFrame
        {
            Timestamp = TimestampNanoseconds.ToTimestamp(scene.Time),
            Bus = kind < 10 ? 0u : 1u,
            Id = id,
            Extended = id > 0x7FF,
            Data = ByteString.CopyFrom(data[..(length + 1)]),
        };
    }

    public static byte Checksum(uint id, int lengthBytes, ReadOnlySpan<byte> before)
    {
        uint sum = (id >> 24) + (id >> 16) + (id >> 8) + id + (uint)lengthBytes;
        foreach (byte each in before)
            sum += each;
        return (byte)sum;
    }

    private int Fill(int kind, in Motion motion, Span<byte> data)
    {
        Controls controls = Controls.Of(motion);
        switch (kind)
        {
            case 0:
                Signed(data, motion.Acceleration * 1000);
                Signed(data[2..], motion.LateralAcceleration * 1000);
                Signed(data[4..], motion.YawRate * 10_000);
                return 6;
            case 1:
                Signed(data, controls.SteeringAngle * Controls.SteeringRatio * 1000);
                Signed(data[2..], (controls.SteeringTorque + (0.05 * _noise.Gaussian())) * 100);
                return 4;
            case 2 or 3:
                Unsigned(data, Math.Max(0, controls.LeftWheelSpeed + Shaken(motion)) * 100);
                Unsigned(data[2..], Math.Max(0, controls.RightWheelSpeed + Shaken(motion)) * 100);
                return 4;
            case 4:
                Unsigned(data, motion.Speed * 100);
                Signed(data[2..], motion.Acceleration * 1000);
                return 4;
            case 5:
                data[0] = (byte)(controls.Accelerator * 200);
                Unsigned(data[1..], (motion.Speed * 260) + (3 * _noise.Uniform()));
                return 3;
            case 6:
                data[0] = (byte)(controls.Brake * 200);
                Unsigned(data[1..], controls.BrakePressure * 1000);
                return 3;
            case 7:
                Signed(data, 60 * _noise.Gaussian());
                Signed(data[2..], motion.Curvature * 100_000);
                return 4;
            case 8:
                data[0] = (byte)Gear.Drive;
                return 1;
            case 9:
                BinaryPrimitives.WriteUInt32BigEndian(data, (uint)motion.Distance);
                return 4;
            case 10:
                data[0] = (byte)controls.TurnSignal;
                return 1;
            default:
                Unsigned(data, Controls.BatteryCharge(motion) * 10_000);
                Unsigned(data[2..], 3550 + (5 * _noise.Gaussian()));
                Signed(data[4..], motion.Acceleration * motion.Speed * 40);
                return 6;
        }
    }

    private double Shaken(in Motion motion) => motion.Speed > 0.01 ? 0.01 * _noise.Gaussian() : 0;

    private static void Unsigned(Span<byte> data, double value) => BinaryPrimitives.WriteUInt16BigEndian(
        data, (ushort)Math.Clamp(Math.Round(value), 0, ushort.MaxValue));

    private static void Signed(Span<byte> data, double value) => BinaryPrimitives.WriteInt16BigEndian(
        data, (short)Math.Clamp(Math.Round(value), short.MinValue, short.MaxValue));
}
