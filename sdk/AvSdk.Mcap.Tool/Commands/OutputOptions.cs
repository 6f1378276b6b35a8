using System.CommandLine;
using System.CommandLine.Parsing;
using AvSdk.Mcap.Tool.Outputs;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>The options of commands that write an MCAP file.</summary>
internal sealed class OutputOptions
{
    private const int ChunkBytesDefault = 4 << 20;

    private readonly Option<string> _output = CommonOptions.Output();
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<int?> _chunkBytes = new("--chunk-size")
    {
        Description = "Size of chunks before compression, for example 1MiB or 768KiB. Default: 4MiB.",
        HelpName = "SIZE",
        CustomParser = ParseSize,
    };

    private readonly Option<string?> _compression;

    /// <param name="fixedCompression">Null: there is an option for it, without which it is the input's.</param>
    public OutputOptions(Command command, string? fixedCompression = null)
    {
        _compression = CompressionOption("--compression", "Compress chunks with lz4, zstd or none. Default: as in the input.");
        command.Add(_output);
        command.Add(_force);
        if (fixedCompression is null)
            command.Add(_compression);
        command.Add(_chunkBytes);
    }

    public static Option<string?> CompressionOption(string name, string description)
    {
        Option<string?> option = new(name, "-c") { Description = description, HelpName = "lz4|zstd|none" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is not (null or "lz4" or "zstd" or "none"))
                result.AddError($"'{result.Tokens[0].Value}' is no compression: give lz4, zstd or none.");
        });
        return option;
    }

    public OutputFile CreateFile(ParseResult parsed) =>
        OutputFile.Create(parsed.GetValue(_output)!, parsed.GetValue(_force));

    public string Name(ParseResult parsed) => parsed.GetValue(_output)!;

    /// <summary>The compression that was asked for, as it stands in chunks; null: none was.</summary>
    public string? Asked(ParseResult parsed) => parsed.GetValue(_compression) switch
    {
        null => null,
        "none" => "",
        string name => name,
    };

    /// <param name="compression">As it stands in chunks; empty for none.</param>
    /// <exception cref="ToolFailure">The compression's library is not installed.</exception>
    public McapWriterOptions WriterOptions(ParseResult parsed, string profile, string compression) => new()
    {
        Profile = profile,
        Library = "av-mcap " + ToolVersion.Text,
        ChunkBytes = parsed.GetValue(_chunkBytes) ?? ChunkBytesDefault,
        Compression = Find(compression),
        FinishOnDispose = false,
    };

    /// <summary>The compression that most bytes of a file have; lz4 for one without chunks.</summary>
    public static string CompressionOf(McapIndexedReader reader) =>
        reader.Chunks.GroupBy(chunk => chunk.Compression)
            .MaxBy(group => group.Sum(chunk => (double)chunk.UncompressedSize))?.Key ?? "lz4";

    private static ChunkCompression Find(string name)
    {
        ChunkCompression compression = name switch
        {
            "lz4" => ChunkCompression.Lz4,
            "zstd" => ChunkCompression.Zstd,
            _ => ChunkCompression.None,
        };
        return compression.IsAvailable ? compression : throw ToolFailure.World(
            "zstd needs the system's library: install it (Debian, Ubuntu: apt-get install libzstd1), or use lz4.");
    }

    private static int? ParseSize(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (ByteSize.TryParse(text, out long bytes) && bytes is >= 1 and <= ChunkBuilder.RecordBytesMax)
            return (int)bytes;
        result.AddError($"'{text}' is no size for a chunk: write it like 1MiB, up to {ChunkBuilder.RecordBytesMax} bytes.");
        return null;
    }
}
