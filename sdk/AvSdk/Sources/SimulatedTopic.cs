using AvSdk.Contracts;
using AvSdk.Recording;
using Google.Protobuf.Reflection;

namespace AvSdk.Sources;

/// <summary>One topic of a <see cref="SimulatedVehicle"/>.</summary>
/// <param name="Topic">For example <c>/imu</c>.</param>
/// <param name="Lane">Where it belongs: <c>events</c>, <c>telemetry</c> or <c>sensors</c>.</param>
/// <param name="Schema">What its messages are.</param>
/// <param name="Rate">Messages a second; 0 where they come when something happens.</param>
public sealed record SimulatedTopic(string Topic, string Lane, MessageDescriptor Schema, double Rate)
{
    /// <summary>The channel that carries the topic.</summary>
    /// <param name="namesLane">Whether it asks for its lane, or leaves the choice to the recorder.</param>
    public ChannelSpec ToChannelSpec(bool namesLane) => new()
    {
        Topic = Topic,
        MessageEncoding = ProtobufSchema.Encoding,
        Schema = new SchemaSpec(
            Schema.FullName, ProtobufSchema.Encoding, ProtobufSchema.FileDescriptorSet(Schema)),
        Lane = namesLane ? Lane : null,
    };
}
