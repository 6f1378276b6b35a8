using System.Buffers.Binary;
using AvSdk.Contracts;
using AvSdk.Contracts.Foxglove;
using AvSdk.Contracts.V1;
using AvSdk.Sources;
using Google.Protobuf;

namespace AvSdk.Tests.Sources;

/// <summary>What the sensors say must be possible, and must fit together.</summary>
public sealed class SimulatedSensorTests
{
    // A drive with cameras and lidar left out is made in no time; 60 s hold a stop and bends to both sides.
    private static readonly SimulatedVehicleOptions Minute = new() { Cameras = [], LidarRate = 0 };

    private static readonly Lazy<ILookup<string, SimulatedMessage>> Drive =
        new(() => new SimulatedVehicle(Minute).Messages().ToLookup(message => message.Topic));

    [Fact]
    public void Every_message_carries_the_time_of_its_stamp()
    {
        foreach ((ulong logTime, Imu imu) in All<Imu>("/imu"))
            Assert.Equal(logTime, TimestampNanoseconds.FromTimestamp(imu.Timestamp));
        foreach ((ulong logTime, CanFrame frame) in All<CanFrame>("/can"))
            Assert.Equal(logTime, TimestampNanoseconds.FromTimestamp(frame.Timestamp));
        foreach ((ulong logTime, LocationFix fix) in All<LocationFix>("/gnss"))
            Assert.Equal(logTime, TimestampNanoseconds.FromTimestamp(fix.Timestamp));
    }

    [Fact]
    public void The_car_stops_bends_and_stays_within_what_a_car_can_do()
    {
        VehicleState[] states = [.. All<VehicleState>("/vehicle/state").Select(each => each.Value)];

        Assert.All(states, state =>
        {
            Assert.InRange(state.Speed, 0, 20);
            Assert.InRange(state.LongitudinalAcceleration, -7.5, 2.6);
            Assert.InRange(state.LateralAcceleration, -3, 3);
            Assert.InRange(state.SteeringAngle, -0.5, 0.5);
        });
        Assert.Contains(states, state => state.Speed == 0);
        Assert.Contains(states, state => state.YawRate > 0.1);
        Assert.Contains(states, state => state.YawRate < -0.1);
        Assert.Contains(states, state => state.TurnSignal == TurnSignal.Left);
    }

    [Fact]
    public void Accelerations_of_the_imu_add_up_to_the_changes_of_speed()
    {
        (ulong LogTime, VehicleState Value)[] states = All<VehicleState>("/vehicle/state");
        double speed = states[0].Value.Speed;
        int next = 0;
        foreach ((ulong logTime, Imu imu) in All<Imu>("/imu"))
        {
            speed += imu.LinearAcceleration.X / Minute.ImuRate;
            while (next < states.Length - 1 && states[next].LogTime < logTime)
                next++;
            // An error of 0.02 m/s² and the step at standing still add up to no more than this in a minute.
            Assert.InRange(speed - states[next].Value.Speed, -3.5, 3.5);
        }
    }

    [Fact]
    public void The_imu_turns_as_the_car_does_and_feels_gravity()
    {
        (ulong LogTime, Imu Value)[] samples = All<Imu>("/imu");
        double turned = samples.Sum(each => each.Value.AngularVelocity.Z) / Minute.ImuRate;
        double expected = All<VehicleState>("/vehicle/state").Sum(each => each.Value.YawRate)
            / Minute.VehicleStateRate;

        Assert.Equal(expected, turned, 0.15);
        Assert.Equal(9.81, samples.Average(each => each.Value.LinearAcceleration.Z), 0.02);
        foreach (Quaternion turn in samples.Select(each => each.Value.Orientation))
            Assert.Equal(1, (turn.Z * turn.Z) + (turn.W * turn.W), 1e-9);
    }

    [Fact]
    public void Positions_move_as_fast_as_the_velocity_and_the_car_say()
    {
        (ulong LogTime, LocationFix Value)[] fixes = All<LocationFix>("/gnss");
        VehicleState[] states = [.. All<VehicleState>("/vehicle/state").Select(each => each.Value)];
        const double MetresPerDegree = 111_195; // a sphere of the Earth's mean radius will do
        for (int i = 1; i < fixes.Length; i++)
        {
            LocationFix before = fixes[i - 1].Value, after = fixes[i].Value;
            double north = (after.Latitude - before.Latitude) * MetresPerDegree;
            double east = (after.Longitude - before.Longitude) * MetresPerDegree
                * Math.Cos(after.Latitude * Math.PI / 180);
            double seconds = (fixes[i].LogTime - fixes[i - 1].LogTime) * 1e-9;

            Assert.InRange(Math.Sqrt((north * north) + (east * east)) / seconds - Speed(after), -1.2, 1.2);
            Assert.InRange(Speed(after) - states[i * 5].Speed, -0.6, 0.6);
        }

        static double Speed(LocationFix fix) =>
            Math.Sqrt((fix.Velocity.X * fix.Velocity.X) + (fix.Velocity.Y * fix.Velocity.Y));
    }

    [Fact]
    public void Can_frames_have_right_checksums_counters_without_gaps_and_the_speed_of_the_car()
    {
        Dictionary<uint, int> counters = [];
        VehicleState[] states = [.. All<VehicleState>("/vehicle/state").Select(each => each.Value)];
        CanFrame[] frames = [.. All<CanFrame>("/can").Select(each => each.Value)];
        for (int i = 0; i < frames.Length; i++)
        {
            byte[] data = frames[i].Data.ToByteArray();
            uint id = frames[i].Id;
            Assert.InRange(data.Length, 3, 8);
            Assert.Equal(id > 0x7FF, frames[i].Extended);

            uint sum = (id >> 24) + (id >> 16) + (id >> 8) + id + (uint)data.Length;
            Assert.Equal((byte)data[..^1].Aggregate(sum, (total, each) => total + each), data[^1]);

            if (counters.TryGetValue(id, out int last))
                Assert.Equal((last + 1) & 15, data[^2]);
            counters[id] = data[^2];
            if (id == 0x0B4)
            {
                double speed = BinaryPrimitives.ReadUInt16BigEndian(data) * 0.01;
                Assert.Equal(states[i / 20].Speed, speed, 0.2);
            }
        }

        Assert.Equal(12, counters.Count);
    }

    [Fact]
    public void Radar_tracks_come_closer_as_fast_as_their_range_rate_says()
    {
        Dictionary<uint, (uint Cycle, RadarTrack Track)> last = [];
        int compared = 0;
        foreach ((_, RadarTracks tracks) in All<RadarTracks>("/radar/front"))
        {
            Assert.Equal(tracks.Tracks.OrderBy(track => track.Id), tracks.Tracks);
            foreach (RadarTrack track in tracks.Tracks)
            {
                double range = Math.Sqrt((track.X * track.X) + (track.Y * track.Y));
                Assert.Equal(range, track.Range, 1.5);
                Assert.Equal(Math.Atan2(track.Y, track.X), track.Azimuth, 0.05 + (1.5 / range));
                bool followed = last.TryGetValue(track.Id, out (uint Cycle, RadarTrack Track) before)
                    && before.Cycle == tracks.Cycle - 1;
                Assert.Equal(followed ? RadarTrackState.Measured : RadarTrackState.New, track.State);
                if (followed)
                {
                    // Both ranges are off by up to 0.2 m, which is 8 m/s at 20 Hz.
                    double rate = (track.Range - before.Track.Range) * Minute.RadarRate;
                    Assert.InRange(rate - track.RangeRate, -9.5, 9.5);
                    compared++;
                }

                last[track.Id] = (tracks.Cycle, track);
            }
        }

        Assert.InRange(compared, 2000, 8400);
    }

    [Fact]
    public void Lidar_points_lie_on_their_rings_and_within_range()
    {
        SimulatedVehicleOptions options = new()
        {
            Cameras = [],
            CanRate = 0,
            Duration = TimeSpan.FromSeconds(1),
        };
        foreach (SimulatedMessage message in new SimulatedVehicle(options).Messages())
        {
            if (message.Message is not PointCloud cloud)
                continue;
            byte[] data = cloud.Data.ToByteArray();
            int points = data.Length / (int)cloud.PointStride;
            Assert.Equal(0, data.Length % (int)cloud.PointStride);
            Assert.InRange(points, 12_000, options.LidarRings * options.LidarColumns);
            int onGround = 0;
            for (int i = 0; i < points; i++)
            {
                ReadOnlySpan<byte> point = data.AsSpan(i * (int)cloud.PointStride, (int)cloud.PointStride);
                double x = BinaryPrimitives.ReadSingleLittleEndian(point);
                double y = BinaryPrimitives.ReadSingleLittleEndian(point[4..]);
                double z = BinaryPrimitives.ReadSingleLittleEndian(point[8..]);
                int ring = BinaryPrimitives.ReadUInt16LittleEndian(point[14..]);
                double way = Math.Sqrt((x * x) + (y * y));

                Assert.Equal(((ring * 2) - 15) * Math.PI / 180, Math.Atan2(z, way), 1e-5);
                Assert.InRange(Math.Sqrt((way * way) + (z * z)), 0.5, 100.1);
                Assert.InRange(z, -1.95, 26);
                onGround += Math.Abs(z + 1.9) < 0.1 ? 1 : 0;
            }

            Assert.InRange(onGround, points / 20, points);
        }
    }

    [Fact]
    public void Camera_frames_are_whole_jpeg_files_and_no_two_are_alike()
    {
        SimulatedVehicleOptions options = new()
        {
            Cameras = [new SimulatedCamera { Topic = "/camera/small", Width = 160, Height = 96, Rate = 20 }],
            LidarRate = 0,
            CanRate = 0,
            Duration = TimeSpan.FromSeconds(1),
        };
        HashSet<ByteString> frames = [];
        foreach (SimulatedMessage message in new SimulatedVehicle(options).Messages())
        {
            if (message.Message is not CompressedImage image)
                continue;
            Assert.Equal("jpeg", image.Format);
            Assert.True(frames.Add(image.Data));
            Assert.Equal("D8 E0 FE DB DB C0 C4 C4 C4 C4 DA D9", Markers(image.Data.ToByteArray()));
        }

        Assert.Equal(20, frames.Count);
    }

    // Segment by segment by their lengths up to the scan; in the scan FF is followed by 00 until the end of
    // the image.
    private static string Markers(byte[] jpeg)
    {
        List<string> markers = ["D8"];
        int at = 2;
        for (byte marker = 0; marker != 0xDA;)
        {
            Assert.Equal(0xFF, jpeg[at]);
            marker = jpeg[at + 1];
            markers.Add($"{marker:X2}");
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 2));
        }

        int end = at;
        while (jpeg[end] != 0xFF || jpeg[end + 1] == 0)
            end++;
        markers.Add($"{jpeg[end + 1]:X2}");
        Assert.Equal(jpeg.Length, end + 2);
        return string.Join(' ', markers);
    }

    private static (ulong LogTime, T Value)[] All<T>(string topic)
        where T : IMessage =>
        [.. Drive.Value[topic].Select(message => (message.Stamp.LogTime, (T)message.Message))];
}
