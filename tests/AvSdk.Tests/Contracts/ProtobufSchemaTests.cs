using AvSdk.Contracts;
using AvSdk.Contracts.Foxglove;
using AvSdk.Contracts.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace AvSdk.Tests.Contracts;

public sealed class ProtobufSchemaTests
{
    [Fact]
    public void A_set_holds_each_imported_file_once_and_after_its_own_imports()
    {
        FileDescriptorSet set = Parse(PointCloud.Descriptor);

        Assert.Equal(
            [
                "foxglove/PackedElementField.proto", "foxglove/Quaternion.proto", "foxglove/Vector3.proto",
                "foxglove/Pose.proto", "google/protobuf/timestamp.proto", "foxglove/PointCloud.proto",
            ],
            set.File.Select(file => file.Name));
    }

    [Fact]
    public void Descriptors_built_from_a_set_alone_describe_the_same_message()
    {
        foreach (MessageDescriptor message in (MessageDescriptor[])
            [RadarTracks.Descriptor, CompressedImage.Descriptor, LocationFix.Descriptor, Imu.Descriptor])
        {
            ReadOnlySpan<byte> set = ProtobufSchema.FileDescriptorSet(message).Span;
            IEnumerable<ByteString> files = FileDescriptorSet.Parser.ParseFrom(set)
                .File.Select(file => file.ToByteString());

            FileDescriptor last = FileDescriptor.BuildFromByteStrings(files)[^1];

            Assert.Equal(message.File.ToProto(), last.ToProto());
            Assert.Contains(last.MessageTypes, type => type.FullName == message.FullName);
        }
    }

    [Fact]
    public void A_set_is_made_once_for_all_messages_of_a_file() =>
        Assert.True(ProtobufSchema.FileDescriptorSet(Imu.Descriptor)
            .Equals(ProtobufSchema.FileDescriptorSet(RadarTrack.Descriptor)));

    [Theory]
    [InlineData(0UL)]
    [InlineData(999_999_999UL)]
    [InlineData(1_533_226_488_397_000_001UL)]
    [InlineData(ulong.MaxValue)]
    public void Times_survive_the_way_to_protobuf_and_back(ulong nanoseconds) =>
        Assert.Equal(
            nanoseconds,
            TimestampNanoseconds.FromTimestamp(TimestampNanoseconds.ToTimestamp(nanoseconds)));

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 1_000_000_000)]
    [InlineData(18_446_744_074, 0)]
    public void A_time_that_nanoseconds_cannot_hold_is_refused(long seconds, int nanos) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            TimestampNanoseconds.FromTimestamp(new Timestamp { Seconds = seconds, Nanos = nanos }));

    private static FileDescriptorSet Parse(MessageDescriptor message) =>
        FileDescriptorSet.Parser.ParseFrom(ProtobufSchema.FileDescriptorSet(message).Span);
}
