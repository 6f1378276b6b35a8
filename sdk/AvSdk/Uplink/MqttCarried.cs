using AvSdk.Contracts.Carrier;
using AvSdk.Mqtt;

namespace AvSdk.Uplink;

/// <summary>A message of the broker's, of which it is told when it is done with.</summary>
internal sealed class MqttCarried(MqttMessage message) : ICarried
{
    public ReadOnlyMemory<byte> Publication => message.Payload;

    public void Dispose()
    {
        message.Acknowledge();
        message.Dispose();
    }
}
