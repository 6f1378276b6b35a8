using System.Text;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>Where a command's results and remarks go.</summary>
/// <param name="output">Results; borrowed.</param>
/// <param name="errors">Remarks, errors and progress; borrowed.</param>
/// <param name="showsProgress">Whether a person watches, who wants to see bars.</param>
internal sealed class ToolConsole(Stream output, TextWriter errors, bool showsProgress = false)
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public Stream Output { get; } = output;

    public TextWriter Errors { get; } = errors;

    public bool ShowsProgress { get; } = showsProgress;

    /// <summary>The file at hand, to be named when its bytes are bad.</summary>
    public string InputName { get; set; } = "the input";

    /// <summary>Writes text that ends where it ends: the caller brings the last line's end.</summary>
    public void Write(string text) => Output.Write(s_utf8.GetBytes(text));

    public void WriteLine(string text) => Write(text + "\n");

    /// <summary>A line to standard error, under the tool's name.</summary>
    public void Remark(string sentence) => Errors.WriteLine("av-mcap: " + sentence);
}
