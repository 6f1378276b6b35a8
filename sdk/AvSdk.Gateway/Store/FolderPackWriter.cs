using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Mcap;
using Google.Protobuf;

namespace AvSdk.Gateway.Store;

/// <summary>An open pack in a folder.</summary>
internal sealed class FolderPackWriter : IPackWriter
{
    private readonly IPackDisk _disk;
    private readonly IPackFile _file;
    private readonly McapWriter _writer;
    private readonly HashSet<ushort> _schemas = [];
    private readonly HashSet<ushort> _channels = [];
    private bool _nameIsDurable;

    private FolderPackWriter(PackId id, IPackDisk disk, IPackFile file)
    {
        Id = id;
        _disk = disk;
        _file = file;
        _writer = new McapWriter(file, PackFormat.WriterOptions);
    }

    public PackId Id { get; }

    public long Bytes => _file.Position;

    /// <summary>Begins the pack in <paramref name="file"/>, which becomes the writer's own.</summary>
    public static FolderPackWriter Begin(
        PackId id, IPackDisk disk, IPackFile file, RecordingDefinitions definitions)
    {
        try
        {
            FolderPackWriter pack = new(id, disk, file);
            pack._writer.WriteMetadata(PackFormat.Describe(definitions.Info));
            pack.Define(definitions);
            return pack;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public ValueTask DefineAsync(RecordingDefinitions definitions, CancellationToken cancellationToken)
    {
        Define(definitions);
        return ValueTask.CompletedTask;
    }

    public ValueTask<long> AppendAsync(
        ChunkHeader header, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        _writer.WritePrivateRecord(
            PackFormat.ChunkRecordOpcode, new ChunkRecord { Header = header }.ToByteArray());
        return ValueTask.FromResult(_writer.WriteChunkBody(body.Span));
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _file.Flush();
        if (!_nameIsDurable)
        {
            _disk.FlushName(_file.Name);
            _nameIsDurable = true;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask SealAsync(CancellationToken cancellationToken)
    {
        _writer.Finish();
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _writer.Dispose();
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Define(RecordingDefinitions definitions)
    {
        (IEnumerable<McapSchema> schemas, IEnumerable<McapChannel> channels) = PackFormat.Define(definitions);
        foreach (McapSchema schema in schemas)
        {
            if (_schemas.Add(schema.Id))
                _writer.AddSchema(schema);
        }

        foreach (McapChannel channel in channels)
        {
            if (_channels.Add(channel.Id))
                _writer.AddChannel(channel);
        }
    }
}
