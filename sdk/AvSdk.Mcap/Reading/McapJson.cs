using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AvSdk.Mcap;

/// <summary>Payloads in JSON (message encoding <c>json</c>), without reflection.</summary>
public static class McapJson
{
    /// <summary>A decoder; the value is null where the payload is the JSON value <c>null</c>.</summary>
    /// <param name="type">From a source-generated <c>JsonSerializerContext</c>.</param>
    /// <remarks>A payload that does not fit throws <see cref="McapException"/>, which names the message.</remarks>
    public static McapDecoder<T?> Decoder<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return message =>
        {
            try
            {
                return JsonSerializer.Deserialize(message.Data, type);
            }
            catch (JsonException e)
            {
                throw new McapException(
                    $"The message of channel {message.ChannelId} with log time {message.LogTime} and sequence "
                    + $"{message.Sequence} is not JSON for {type.Type.Name}: {e.Message} Check the channel's message "
                    + "encoding, or decode another type.", e);
            }
        };
    }
}
