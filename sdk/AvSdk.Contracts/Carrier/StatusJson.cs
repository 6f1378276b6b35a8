using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AvSdk.Contracts.V1;

namespace AvSdk.Contracts.Carrier;

/// <summary>
/// What vehicles and gateways say of themselves in retained messages: proto3's JSON form of the messages in
/// <c>av/v1/mqtt.proto</c>, so that people and dashboards can read it.
/// </summary>
public static class StatusJson
{
    /// <summary>The content type of such a message.</summary>
    public const string ContentType = "application/json";

    private const int BytesMax = 64 << 10;

    /// <summary>A vehicle's; fields that have no value are left out.</summary>
    public static byte[] Write(VehicleStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return Write(
            status.Online, ("connection", status.Connection), ("software", status.Software),
            ("recordingId", status.RecordingId), ("since", status.Since));
    }

    /// <summary>A gateway's; fields that have no value are left out.</summary>
    public static byte[] Write(GatewayStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return Write(status.Online, ("run", status.Run), ("software", status.Software), ("since", status.Since));
    }

    /// <summary>A time as the status has it, RFC 3339.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Null: it is no status of a vehicle.</summary>
    public static VehicleStatus? ReadVehicle(ReadOnlyMemory<byte> json) => Read(json, static root => new VehicleStatus
    {
        Online = root.TryGetProperty("online", out JsonElement online) && online.ValueKind == JsonValueKind.True,
        Connection = Text(root, "connection"),
        Software = Text(root, "software"),
        RecordingId = Text(root, "recordingId"),
        Since = Text(root, "since"),
    });

    /// <summary>Null: it is no status of a gateway.</summary>
    public static GatewayStatus? ReadGateway(ReadOnlyMemory<byte> json) => Read(json, static root => new GatewayStatus
    {
        Online = root.TryGetProperty("online", out JsonElement online) && online.ValueKind == JsonValueKind.True,
        Run = Text(root, "run"),
        Software = Text(root, "software"),
        Since = Text(root, "since"),
    });

    private static byte[] Write(bool online, params ReadOnlySpan<(string Name, string Value)> texts)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter json = new(output))
        {
            json.WriteStartObject();
            json.WriteBoolean("online", online);
            foreach ((string name, string value) in texts)
            {
                if (value.Length > 0)
                    json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static T? Read<T>(ReadOnlyMemory<byte> json, Func<JsonElement, T> read)
        where T : class
    {
        if (json.Length is 0 or > BytesMax)
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
