using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using AvSdk.Mcap.Tool.ProtobufJson;
using AvSdk.Mcap.Tool.Times;

namespace AvSdk.Mcap.Tool.Messages;

/// <summary>
/// Writes messages as lines of JSON: protobuf and JSON payloads under <c>data</c>, others as bytes. A payload that is
/// not what its channel says gets a line with the <c>error</c> and its bytes, and is counted.
/// </summary>
internal sealed class MessageLines : IDisposable
{
    // A payload may be a file of its own; its depth is checked by whoever reads it.
    private static readonly JsonWriterOptions s_lines = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private static readonly JsonDocumentOptions s_payloads = new() { MaxDepth = 256 };

    private readonly Stream _output;
    private readonly IReadOnlyDictionary<ushort, McapSchema> _schemas;
    private readonly MessageLineOptions _options;
    private readonly ArrayBufferWriter<byte> _line = new(4096);
    private readonly ArrayBufferWriter<byte> _data = new(4096);
    private readonly Utf8JsonWriter _lineWriter;
    private readonly Utf8JsonWriter _dataWriter;
    private readonly Dictionary<ushort, ProtobufPayloads?> _protobuf = [];

    /// <param name="output">Borrowed.</param>
    public MessageLines(Stream output, IReadOnlyDictionary<ushort, McapSchema> schemas, MessageLineOptions options)
    {
        _output = output;
        _schemas = schemas;
        _options = options;
        _lineWriter = new Utf8JsonWriter(_line, s_lines);
        _dataWriter = new Utf8JsonWriter(_data, s_lines);
    }

    /// <summary>Messages whose payload is not what their channel says.</summary>
    public long Failures { get; private set; }

    /// <summary>Fields that the schemas do not have; they are left out.</summary>
    public long UnknownFields => _protobuf.Values.Sum(payloads => payloads?.UnknownFields ?? 0);

    public void Write(in McapMessageView message, McapChannel channel)
    {
        _line.ResetWrittenCount();
        _lineWriter.Reset(_line);
        _lineWriter.WriteStartObject();
        _lineWriter.WriteString("topic", channel.Topic);
        _lineWriter.WriteNumber("sequence", message.Sequence);
        _lineWriter.WriteString("log_time", Time(message.LogTime));
        _lineWriter.WriteString("publish_time", Time(message.PublishTime));
        if (!TryFormat(message.Data, channel, out bool isFormatted, out string problem))
        {
            Failures++;
            _lineWriter.WriteString("error", problem);
        }

        if (isFormatted)
        {
            _lineWriter.WritePropertyName("data");
            _lineWriter.WriteRawValue(_data.WrittenSpan, skipInputValidation: true);
        }
        else if (_options.BytesAsHex)
        {
            _lineWriter.WriteString("data_hex", Convert.ToHexStringLower(message.Data));
        }
        else
        {
            _lineWriter.WriteBase64String("data_base64", message.Data);
        }

        _lineWriter.WriteEndObject();
        _lineWriter.Flush();
        _output.Write(_line.WrittenSpan);
        _output.WriteByte((byte)'\n');
    }

    public void Dispose()
    {
        _lineWriter.Dispose();
        _dataWriter.Dispose();
    }

    private string Time(ulong nanoseconds) => _options.IsoTimes
        ? TimeText.Iso(nanoseconds) : nanoseconds.ToString(CultureInfo.InvariantCulture);

    private bool TryFormat(ReadOnlySpan<byte> payload, McapChannel channel, out bool isFormatted, out string problem)
    {
        isFormatted = false;
        problem = "";
        _data.ResetWrittenCount();
        _dataWriter.Reset(_data);
        bool isGood = channel.MessageEncoding switch
        {
            _ when _options.RawBytes => true,
            "json" => isFormatted = TryWriteJson(payload, out problem),
            "protobuf" when ProtobufOf(channel) is ProtobufPayloads protobuf =>
                isFormatted = protobuf.TryWrite(_dataWriter, payload, out problem),
            _ => true,
        };
        if (isFormatted)
            _dataWriter.Flush();
        return isGood;
    }

    // Null: without a schema its bytes are all that is known of a payload.
    private ProtobufPayloads? ProtobufOf(McapChannel channel)
    {
        if (!_protobuf.TryGetValue(channel.SchemaId, out ProtobufPayloads? payloads))
        {
            payloads = _schemas.GetValueOrDefault(channel.SchemaId) is { Encoding: "protobuf" } schema
                ? new ProtobufPayloads(schema) : null;
            _protobuf.Add(channel.SchemaId, payloads);
        }

        return payloads;
    }

    // Read and written again: a payload may have lines, and a line of output may not.
    private bool TryWriteJson(ReadOnlySpan<byte> payload, out string problem)
    {
        if (!Utf8.IsValid(payload))
        {
            problem = "the payload is not JSON: it is not UTF-8";
            return false;
        }

        try
        {
            Utf8JsonReader reader = new(payload, new JsonReaderOptions { MaxDepth = s_payloads.MaxDepth });
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            if (reader.BytesConsumed < payload.Length && !IsBlank(payload[(int)reader.BytesConsumed..]))
            {
                problem = string.Create(CultureInfo.InvariantCulture,
                    $"byte {reader.BytesConsumed} of the payload: expected the end of the JSON, found more");
                return false;
            }

            document.RootElement.WriteTo(_dataWriter);
            problem = "";
            return true;
        }
        catch (JsonException e)
        {
            problem = "the payload is not JSON: " + e.Message;
            return false;
        }
    }

    private static bool IsBlank(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept(" \t\r\n"u8) < 0;
}
