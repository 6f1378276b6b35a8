using System.Text;
using System.Text.Json;

namespace AvSdk.Agent.Commands;

/// <summary>What a <c>spool</c> command says, for people and for machines.</summary>
internal sealed record SpoolAnswer(IEnumerable<string> Lines, Action<Utf8JsonWriter> WriteJson, int Code)
{
    /// <summary>Prints it; returns the exit code.</summary>
    public int Print(bool asJson, TextWriter output)
    {
        if (!asJson)
        {
            foreach (string line in Lines)
                output.WriteLine(line);
            return Code;
        }

        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
            WriteJson(json);
        output.WriteLine(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
        return Code;
    }
}
