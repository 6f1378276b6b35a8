using System.Text;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>
/// Columns under headings, two spaces apart, never wrapped: a line stays a line for grep and awk. A heading
/// that begins with '&gt;' has its column to the right.
/// </summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public override string ToString()
    {
        string[] names = [.. headings.Select(heading => heading.TrimStart('>'))];
        int[] widths = [.. names.Select((name, i) => _rows.Select(row => row[i].Length).Append(name.Length).Max())];
        StringBuilder text = new();
        foreach (string[] row in _rows.Prepend(names))
        {
            StringBuilder line = new();
            for (int i = 0; i < widths.Length; i++)
            {
                string cell = OneLine(row[i]);
                line.Append(headings[i].StartsWith('>') ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])).Append("  ");
            }

            text.Append(line.ToString().TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>
    /// Without control characters: names come from files, and must neither break lines nor steer a terminal.
    /// </summary>
    public static string OneLine(string cell) =>
        cell.Any(char.IsControl) ? string.Concat(cell.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : cell;
}
