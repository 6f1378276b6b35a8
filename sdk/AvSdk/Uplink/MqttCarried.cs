using AvSdk.Contracts.Carrier;
using AvSdk.Mqtt;

namespace AvSdk.Uplink;

/// <summary>A message of the broker's, which has been told that it came.</summary>
internal sealed class MqttCarried(MqttMessage message) : ICarried
{
    public ReadOnlyMemory<byte> Publication => message.Payload;

    public void Dispose() => message.Dispose();
}
