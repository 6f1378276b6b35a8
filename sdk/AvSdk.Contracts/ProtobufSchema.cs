using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace AvSdk.Contracts;

/// <summary>What describes a protobuf message to somebody who has no generated code for it.</summary>
/// <remarks>Safe for use from any number of threads.</remarks>
public static class ProtobufSchema
{
    /// <summary>How MCAP calls a schema that is a FileDescriptorSet, and a message encoded by it.</summary>
    public const string Encoding = "protobuf";

    private const int FilesFieldNumber = 1;

    private static readonly ConditionalWeakTable<FileDescriptor, byte[]> Sets = [];

    /// <summary>
    /// A serialized <c>google.protobuf.FileDescriptorSet</c>: the file of the message and all that it
    /// imports, directly or not, each once and after what it imports itself. The data of an MCAP schema
    /// (MCAP registry, schema encoding <c>protobuf</c>) whose name is the message's full name.
    /// </summary>
    /// <param name="message">For example <c>CompressedImage.Descriptor</c>.</param>
    /// <returns>The same memory for every message of a file; not to be modified.</returns>
    public static ReadOnlyMemory<byte> FileDescriptorSet(MessageDescriptor message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Sets.GetValue(message.File, static file => Serialize(file));
    }

    private static byte[] Serialize(FileDescriptor file)
    {
        List<FileDescriptor> files = [];
        AddAfterImports(file, files);

        int tagBytes = CodedOutputStream.ComputeTagSize(FilesFieldNumber);
        int setBytes = files.Sum(each => tagBytes + CodedOutputStream.ComputeBytesSize(each.SerializedData));
        byte[] set = new byte[setBytes];
        using CodedOutputStream output = new(set);
        foreach (FileDescriptor each in files)
        {
            output.WriteTag(FilesFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(each.SerializedData);
        }

        output.CheckNoSpaceLeft();
        return set;
    }

    // Imports cannot go round in a circle, so the depth ends; a file met by two ways is added once.
    private static void AddAfterImports(FileDescriptor file, List<FileDescriptor> files)
    {
        if (files.Contains(file))
            return;
        foreach (FileDescriptor import in file.Dependencies)
            AddAfterImports(import, files);
        files.Add(file);
    }
}
