using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace AvSdk.Mcap.Tool.ProtobufJson;

/// <summary>The message types of a serialized <c>google.protobuf.FileDescriptorSet</c>, as an MCAP schema carries it.</summary>
internal sealed class SchemaTypes
{
    // What a chain of imports may cost of the stack.
    private const int FilesMax = 2000;

    private readonly Dictionary<string, MessageDescriptor> _types = new(StringComparer.Ordinal);

    private SchemaTypes(IEnumerable<FileDescriptor> files)
    {
        foreach (FileDescriptor file in files)
        {
            foreach (MessageDescriptor message in file.MessageTypes)
                Add(message);
        }
    }

    /// <summary>Files in any order; those of google.protobuf may be missing.</summary>
    public static bool TryBuild(ReadOnlySpan<byte> descriptorSet, out SchemaTypes types, out string problem)
    {
        types = null!;
        try
        {
            FileDescriptorSet set = FileDescriptorSet.Parser.ParseFrom(descriptorSet);
            problem = $"the schema has {set.File.Count} files, which is over the limit of {FilesMax}";
            if (set.File.Count > FilesMax)
                return false;
            types = new SchemaTypes(FileDescriptor.BuildFromByteStrings(InOrder(set)));
            problem = "";
            return true;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or DescriptorValidationException
            or ArgumentException or InvalidOperationException)
        {
            problem = "the schema is not a good FileDescriptorSet: " + e.Message;
            return false;
        }
    }

    /// <summary>The type of this full name; null when there is none.</summary>
    public MessageDescriptor? Find(string fullName) => _types.GetValueOrDefault(fullName);

    private void Add(MessageDescriptor message)
    {
        _types.TryAdd(message.FullName, message);
        foreach (MessageDescriptor nested in message.NestedTypes)
            Add(nested);
    }

    // Each file after those that it imports, as building them asks for.
    private static List<ByteString> InOrder(FileDescriptorSet set)
    {
        Dictionary<string, FileDescriptorProto> byName = new(StringComparer.Ordinal);
        foreach (FileDescriptorProto file in set.File)
            byName.TryAdd(file.Name, file);
        List<ByteString> ordered = [];
        HashSet<string> begun = new(StringComparer.Ordinal);
        foreach (FileDescriptorProto file in set.File)
            Visit(file.Name);
        return ordered;

        void Visit(string name)
        {
            if (!begun.Add(name))
                return;
            if (byName.TryGetValue(name, out FileDescriptorProto? file))
            {
                foreach (string import in file.Dependency)
                    Visit(import);
                ordered.Add(file.ToByteString());
            }
            else if (WellKnown(name) is FileDescriptor known)
            {
                ordered.Add(known.SerializedData);
            }
        }
    }

    private static FileDescriptor? WellKnown(string name) => name switch
    {
        "google/protobuf/timestamp.proto" => TimestampReflection.Descriptor,
        "google/protobuf/duration.proto" => DurationReflection.Descriptor,
        "google/protobuf/any.proto" => AnyReflection.Descriptor,
        "google/protobuf/struct.proto" => StructReflection.Descriptor,
        "google/protobuf/wrappers.proto" => WrappersReflection.Descriptor,
        "google/protobuf/field_mask.proto" => FieldMaskReflection.Descriptor,
        "google/protobuf/empty.proto" => EmptyReflection.Descriptor,
        "google/protobuf/descriptor.proto" => DescriptorReflection.Descriptor,
        _ => null,
    };
}
