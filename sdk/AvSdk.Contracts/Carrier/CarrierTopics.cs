using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace AvSdk.Contracts.Carrier;

/// <summary>
/// The topics of the upload protocol over MQTT, as <c>protos/av/v1/mqtt.md</c> has them. Names of vehicles and gateways are
/// 1 to 128 of <c>A-Z a-z 0-9 . _ -</c>; connections, runs and sessions are hexadecimal.
/// </summary>
public static class CarrierTopics
{
    /// <summary>What all vehicles open streams at, as a filter.</summary>
    public const string AnyOpen = "av/v1/v/+/open";

    /// <summary>What all vehicles are said to be, as a filter.</summary>
    public const string AnyVehicleStatus = "av/v1/v/+/status";

    private const int NameCharsMax = 128;
    private static readonly SearchValues<char> NameChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");
    private const string VehicleRoot = "av/v1/v/";
    private const string GatewayRoot = "av/v1/g/";

    /// <summary>Where a vehicle opens a stream.</summary>
    public static string Open(string vehicleId) => $"{VehicleRoot}{vehicleId}/open";

    /// <summary>Where a vehicle is told what a gateway has to say in a session.</summary>
    public static string Reply(string vehicleId, string session) => $"{VehicleRoot}{vehicleId}/reply/{session}";

    /// <summary>All of a vehicle's sessions, as a filter.</summary>
    public static string AnyReply(string vehicleId) => $"{VehicleRoot}{vehicleId}/reply/+";

    /// <summary>Where a vehicle is said to be there or gone; retained.</summary>
    public static string VehicleStatus(string vehicleId) => $"{VehicleRoot}{vehicleId}/status";

    /// <summary>
    /// Where a vehicle shows a topic while it records it. In place of each of <c>+ # %</c>, control characters and what
    /// else a level of MQTT cannot hold is <c>%</c> and two hexadecimal digits for each byte of UTF-8.
    /// </summary>
    public static string Live(string vehicleId, string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        StringBuilder levels = new($"{VehicleRoot}{vehicleId}/live");
        if (!topic.StartsWith('/'))
            levels.Append('/');
        Span<byte> utf8 = stackalloc byte[4];
        foreach (Rune character in topic.EnumerateRunes())
        {
            bool isPlain = character.Value is not ('+' or '#' or '%') && !Rune.IsControl(character);
            if (isPlain)
            {
                levels.Append(character.ToString());
                continue;
            }

            foreach (byte each in utf8[..character.EncodeToUtf8(utf8)])
                levels.Append(CultureInfo.InvariantCulture, $"%{each:X2}");
        }

        return levels.ToString();
    }

    /// <summary>Where a vehicle shows a schema, by its SHA-256 in lower-case hexadecimal; retained.</summary>
    public static string Schema(string vehicleId, string sha256) => $"{VehicleRoot}{vehicleId}/schema/{sha256}";

    /// <summary>Where a vehicle sends the rest of a session to one gateway.</summary>
    public static string Inbox(string gateway, string run, string vehicleId, string session) =>
        $"{GatewayRoot}{gateway}/{run}/{vehicleId}/{session}";

    /// <summary>All inboxes of one run of a gateway, as a filter.</summary>
    public static string AnyInbox(string gateway, string run) => $"{GatewayRoot}{gateway}/{run}/+/+";

    /// <summary>Where a gateway is said to be there or gone; retained.</summary>
    public static string GatewayStatus(string gateway) => $"{GatewayRoot}{gateway}/status";

    /// <summary>Whether a text can be a vehicle or a gateway in a topic.</summary>
    public static bool IsName([NotNullWhen(true)] string? name) =>
        name is { Length: > 0 and <= NameCharsMax }
        && !name.AsSpan().ContainsAnyExcept(NameChars);

    /// <summary>Whether a text can be a session, a connection or a run: 1 to 64 hexadecimal digits.</summary>
    public static bool IsHexadecimal([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= 64 } && !text.AsSpan().ContainsAnyExcept(Digits);

    /// <summary>The vehicle of an open topic, or of a status topic; null: it is none.</summary>
    public static string? VehicleOf(string topic, string last)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return topic.Split('/') is ["av", "v1", "v", var vehicle, var end] && end == last && IsName(vehicle) ? vehicle : null;
    }

    /// <summary>The vehicle and session of a reply topic; false: it is none.</summary>
    public static bool TryReadReply(string topic, out string vehicleId, out string session)
    {
        ArgumentNullException.ThrowIfNull(topic);
        (vehicleId, session) = topic.Split('/') is ["av", "v1", "v", var vehicle, "reply", var name]
            && IsName(vehicle) && IsHexadecimal(name) ? (vehicle, name) : ("", "");
        return session.Length > 0;
    }

    /// <summary>Gateway and run of an inbox; false: it is none.</summary>
    public static bool TryReadInbox(string topic, out string gateway, out string run, out string vehicleId, out string session)
    {
        ArgumentNullException.ThrowIfNull(topic);
        if (topic.Split('/') is ["av", "v1", "g", var name, var connection, var vehicle, var end]
            && IsName(name) && IsHexadecimal(connection) && IsName(vehicle) && IsHexadecimal(end))
        {
            (gateway, run, vehicleId, session) = (name, connection, vehicle, end);
            return true;
        }

        (gateway, run, vehicleId, session) = ("", "", "", "");
        return false;
    }
}
