using AvSdk.Recording;
using Google.Protobuf;

namespace AvSdk.Sources;

/// <summary>One message of a <see cref="SimulatedVehicle"/>.</summary>
/// <param name="Topic">For example <c>/imu</c>.</param>
/// <param name="Lane">Where it belongs: <c>events</c>, <c>telemetry</c> or <c>sensors</c>.</param>
/// <param name="Stamp">Log and publish time are the time of measurement; the sequence counts each topic
/// from 1.</param>
/// <param name="Message">What was measured.</param>
public readonly record struct SimulatedMessage(
    string Topic, string Lane, MessageStamp Stamp, IMessage Message);
