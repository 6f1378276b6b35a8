using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace AvSdk.Grpc;

/// <summary>
/// What a status says beyond its code and text: the message <c>google.rpc.Status</c>, which travels in the
/// trailer
/// <c>grpc-status-details-bin</c>.
/// </summary>
/// <param name="StatusCode">The same code as the status.</param>
/// <param name="Message">The text, for developers.</param>
/// <param name="Details">Messages of any type; the receiver unpacks those that it knows.</param>
public sealed record GrpcStatusDetails(GrpcStatusCode StatusCode, string Message, IReadOnlyList<Any> Details)
{
    private const uint CodeTag = (1 << 3) | (uint)WireFormat.WireType.Varint;
    private const uint MessageTag = (2 << 3) | (uint)WireFormat.WireType.LengthDelimited;
    private const uint DetailsTag = (3 << 3) | (uint)WireFormat.WireType.LengthDelimited;

    /// <summary>Parses <c>google.rpc.Status</c>.</summary>
    /// <returns>False: these bytes are none.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, out GrpcStatusDetails? details)
    {
        details = null;
        try
        {
            CodedInputStream input = new(bytes.ToArray());
            GrpcStatusCode code = GrpcStatusCode.OK;
            string message = "";
            List<Any> items = [];
            for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            {
                if (tag == CodeTag)
                    code = (GrpcStatusCode)input.ReadInt32();
                else if (tag == MessageTag)
                    message = input.ReadString();
                else if (tag == DetailsTag)
                    items.Add(Any.Parser.ParseFrom(input.ReadBytes()));
                else
                    input.SkipLastField();
            }

            details = new GrpcStatusDetails(code, message, items);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    /// <summary>As <c>google.rpc.Status</c>.</summary>
    public byte[] ToByteArray()
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true))
        {
            output.WriteTag(CodeTag);
            output.WriteInt32((int)StatusCode);
            output.WriteTag(MessageTag);
            output.WriteString(Message);
            foreach (Any detail in Details)
            {
                output.WriteTag(DetailsTag);
                output.WriteMessage(detail);
            }
        }

        return stream.ToArray();
    }
}
