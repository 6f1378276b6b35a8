namespace AvSdk.Mcap.Tool.Commands;

/// <summary>Ends a command with a sentence for a person, which names the remedy, and an exit code.</summary>
internal sealed class ToolFailure(int exitCode, string sentence, Exception? cause = null)
    : Exception(sentence, cause)
{
    public int ExitCode { get; } = exitCode;

    public static ToolFailure Usage(string sentence) => new(Commands.ExitCode.Usage, sentence);

    public static ToolFailure World(string sentence, Exception? cause = null) =>
        new(Commands.ExitCode.Failed, sentence, cause);

    /// <summary>Bad bytes in a named input.</summary>
    public static ToolFailure Unreadable(string input, McapError error) =>
        new(Commands.ExitCode.Unreadable, Sentence(input, error));

    private static string Sentence(string input, McapError error)
    {
        string found = $"at byte {error.Offset}: expected {error.Expected}, found {error.Found}";
        return error.Kind switch
        {
            McapErrorKind.WrongMagic =>
                $"{input} is not an MCAP file ({found}); name an .mcap file that was copied whole.",
            McapErrorKind.CompressionUnavailable =>
                $"{input} is compressed in a way that cannot be read here ({found}); install Zstandard's library "
                + "(Debian, Ubuntu: apt-get install libzstd1).",
            McapErrorKind.UnknownCompression =>
                $"{input} is compressed in a way that is not known ({found}); write it with lz4, zstd or none.",
            _ => $"{input} is damaged {found}; \"av-mcap doctor\" lists what is wrong, "
                + "\"av-mcap recover\" saves what is whole.",
        };
    }
}
