namespace AvSdk.Mqtt.Packets;

/// <summary>What is wrong with a packet; the code is what a DISCONNECT for it says.</summary>
/// <param name="Code">A failure; <see cref="MqttReasonCode.Success"/> where there is none.</param>
/// <param name="Offset">Where, in bytes from the packet's first.</param>
/// <param name="Problem">The field, what was expected, and the section that says so.</param>
internal readonly record struct PacketError(MqttReasonCode Code, int Offset, string Problem)
{
    public bool IsError => Code != MqttReasonCode.Success;

    public override string ToString() => $"{Code} at byte {Offset}: {Problem}";
}
