using AvSdk.Contracts.Foxglove;
using Google.Protobuf.Reflection;
using KeyValuePair = AvSdk.Contracts.Foxglove.KeyValuePair;

namespace AvSdk.Tests.Contracts;

/// <summary>Viewers know Foxglove's messages by name and their fields by number: neither may drift.</summary>
public sealed class FoxgloveSchemaTests
{
    // Read from the schemas that Foxglove publishes; in order of number.
    private static readonly string[] Published =
    [
        "CameraCalibration: 1 timestamp Timestamp, 2 width Fixed32, 3 height Fixed32, " +
            "4 distortion_model String, 5 D Double*, 6 K Double*, 7 R Double*, 8 P Double*, " +
            "9 frame_id String",
        "Color: 1 r Double, 2 g Double, 3 b Double, 4 a Double",
        "CompressedImage: 1 timestamp Timestamp, 2 data Bytes, 3 format String, 4 frame_id String",
        "CompressedVideo: 1 timestamp Timestamp, 2 frame_id String, 3 data Bytes, 4 format String",
        "FrameTransform: 1 timestamp Timestamp, 2 parent_frame_id String, 3 child_frame_id String, " +
            "4 translation Vector3, 5 rotation Quaternion",
        "FrameTransforms: 1 transforms FrameTransform*",
        "KeyValuePair: 1 key String, 2 value String",
        "LaserScan: 1 timestamp Timestamp, 2 frame_id String, 3 pose Pose, 4 start_angle Double, " +
            "5 end_angle Double, 6 ranges Double*, 7 intensities Double*",
        "LocationFix: 1 latitude Double, 2 longitude Double, 3 altitude Double, " +
            "4 position_covariance Double*, 5 position_covariance_type PositionCovarianceType, " +
            "6 timestamp Timestamp, 7 frame_id String, " +
            "8 color Color?, 9 metadata KeyValuePair*, 10 heading Double?, 11 velocity Vector3?",
        "Log: 1 timestamp Timestamp, 2 level Level, 3 message String, 4 name String, 5 file String, " +
            "6 line Fixed32",
        "PackedElementField: 1 name String, 2 offset Fixed32, 3 type NumericType",
        "PointCloud: 1 timestamp Timestamp, 2 frame_id String, 3 pose Pose, 4 point_stride Fixed32, " +
            "5 fields PackedElementField*, 6 data Bytes",
        "Pose: 1 position Vector3, 2 orientation Quaternion",
        "PoseInFrame: 1 timestamp Timestamp, 2 frame_id String, 3 pose Pose",
        "PosesInFrame: 1 timestamp Timestamp, 2 frame_id String, 3 poses Pose*",
        "Quaternion: 1 x Double, 2 y Double, 3 z Double, 4 w Double",
        "RawImage: 1 timestamp Timestamp, 2 width Fixed32, 3 height Fixed32, 4 encoding String, " +
            "5 step Fixed32, 6 data Bytes, 7 frame_id String",
        "Vector3: 1 x Double, 2 y Double, 3 z Double",
    ];

    private static readonly MessageDescriptor[] Ours =
    [
        CameraCalibration.Descriptor, Color.Descriptor, CompressedImage.Descriptor,
        CompressedVideo.Descriptor,
        FrameTransform.Descriptor, FrameTransforms.Descriptor, KeyValuePair.Descriptor, LaserScan.Descriptor,
        LocationFix.Descriptor, Log.Descriptor, PackedElementField.Descriptor, PointCloud.Descriptor,
        Pose.Descriptor, PoseInFrame.Descriptor, PosesInFrame.Descriptor, Quaternion.Descriptor,
        RawImage.Descriptor, Vector3.Descriptor,
    ];

    [Fact]
    public void Every_field_has_the_name_type_and_number_that_Foxglove_published() =>
        Assert.Equal(Published, Ours.Select(Describe));

    [Fact]
    public void Every_message_has_the_full_name_and_the_file_that_Foxglove_published()
    {
        Assert.All(Ours, message => Assert.Equal("foxglove." + message.Name, message.FullName));
        Assert.All(Ours, message => Assert.Equal($"foxglove/{message.Name}.proto", message.File.Name));
    }

    [Fact]
    public void Enum_values_have_the_numbers_that_Foxglove_published()
    {
        Assert.Equal(
            "UNKNOWN=0 UINT8=1 INT8=2 UINT16=3 INT16=4 UINT32=5 INT32=6 FLOAT32=7 FLOAT64=8",
            Values(PackedElementField.Descriptor));
        Assert.Equal("UNKNOWN=0 APPROXIMATED=1 DIAGONAL_KNOWN=2 KNOWN=3", Values(LocationFix.Descriptor));
        Assert.Equal("UNKNOWN=0 DEBUG=1 INFO=2 WARNING=3 ERROR=4 FATAL=5", Values(Log.Descriptor));
    }

    private static string Values(MessageDescriptor message) => string.Join(
        ' ', Assert.Single(message.EnumTypes).Values.Select(value => $"{value.Name}={value.Number}"));

    private static string Describe(MessageDescriptor message) =>
        message.Name + ": " + string.Join(", ", message.Fields.InFieldNumberOrder().Select(Describe));

    private static string Describe(FieldDescriptor field) =>
        $"{field.FieldNumber} {field.Name} {TypeName(field)}" +
        (field.IsRepeated ? "*" : IsOptional(field) ? "?" : "");

    // proto3 puts a field declared optional into a oneof of its own, which is not a real one.
    private static bool IsOptional(FieldDescriptor field) =>
        field.ContainingOneof is not null && field.RealContainingOneof is null;

    private static string TypeName(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => field.MessageType.Name,
        FieldType.Enum => field.EnumType.Name,
        FieldType type => type.ToString(),
    };
}
