using System.CommandLine;
using System.CommandLine.Parsing;
using AvSdk.Mcap.Tool.Outputs;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>The options of commands that write an MCAP file.</summary>
internal sealed class OutputOptions
{
    private const int ChunkBytesDefault = 4 << 20;
    private const int WorkersDefaultMax = 8;

    private readonly Option<string> _output = CommonOptions.Output();
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<int?> _chunkBytes = new("--chunk-size")
    {
        Description = "Size of chunks before compression, for example 1MiB or 768KiB. Default: 4MiB.",
        HelpName = "SIZE",
        CustomParser = ParseSize,
    };

    private readonly Option<int?> _level = new("--level", "-l")
    {
        Description = "How hard to compress. lz4: 0 (fast, default) to 12, from 3 on smaller and many times slower. "
            + "zstd: 1 to 22, default 3.",
        HelpName = "LEVEL",
    };

    private readonly Option<int?> _workers = new("--workers", "-w")
    {
        Description = "Threads that compress; 0: none but the reading one. Default: one a processor, at most "
            + $"{WorkersDefaultMax}.",
        HelpName = "COUNT",
    };

    private readonly Option<string?> _compression;

    /// <param name="compressionDefault">What the help says of it; null: there is no choice.</param>
    public OutputOptions(Command command, string? compressionDefault = "as in the input")
    {
        _compression = CompressionOption(compressionDefault ?? "");
        command.Add(_output);
        command.Add(_force);
        if (compressionDefault is not null)
        {
            command.Add(_compression);
            command.Add(_level);
            command.Add(_workers);
        }

        command.Add(_chunkBytes);
        _workers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 0 or > McapWriterOptions.WorkersMax)
                result.AddError($"--workers takes 0 to {McapWriterOptions.WorkersMax}.");
        });
    }

    private static Option<string?> CompressionOption(string byDefault)
    {
        Option<string?> option = new("--compression", "-c")
        {
            Description = $"Compress chunks with lz4, zstd or none. Default: {byDefault}.",
            HelpName = "lz4|zstd|none",
        };
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
        Compression = Find(compression, parsed.GetValue(_level)),
        Workers = parsed.GetValue(_workers) ?? Math.Min(Environment.ProcessorCount, WorkersDefaultMax),
        FinishOnDispose = false,
    };

    /// <summary>The compression that most bytes of a file have; lz4 for one without chunks.</summary>
    public static string CompressionOf(McapIndexedReader reader) =>
        reader.Chunks.GroupBy(chunk => chunk.Compression)
            .MaxBy(group => group.Sum(chunk => (double)chunk.UncompressedSize))?.Key ?? "lz4";

    private static ChunkCompression Find(string name, int? level)
    {
        ChunkCompression compression = name switch
        {
            "lz4" => ChunkCompression.Lz4,
            "zstd" => ChunkCompression.Zstd,
            _ => ChunkCompression.None,
        };
        if (!compression.IsAvailable)
        {
            throw ToolFailure.World(
                "zstd needs the system's library: install it (Debian, Ubuntu: apt-get install libzstd1), or use lz4.");
        }

        try
        {
            return level is int given ? compression with { Level = given } : compression;
        }
        catch (ArgumentOutOfRangeException)
        {
            throw ToolFailure.Usage(name.Length == 0
                ? "--level is for lz4 and zstd: leave it out, or give a --compression."
                : $"{name} has no level {level}: give {(name == "lz4" ? "0 to 12" : "1 to 22")}.");
        }
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
