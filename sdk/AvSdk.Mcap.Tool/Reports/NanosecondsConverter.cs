using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>Times as decimal strings, as protobuf's JSON has 64-bit numbers: a double cannot hold them.</summary>
internal sealed class NanosecondsConverter : JsonConverter<ulong>
{
    public override ulong Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ulong.Parse(reader.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture);

    public override void Write(Utf8JsonWriter writer, ulong value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
}
