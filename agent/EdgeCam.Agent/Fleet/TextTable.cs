using System.Text;

namespace EdgeCam.Agent.Fleet;

/// <summary>Rows under headings, each column as wide as its widest cell; the last one is not filled up. No line is drawn, so that tools of the shell can read it.</summary>
internal sealed class TextTable(params string[] headings)
{
    private const int Gap = 2;
    private const int MaxCell = 120;

    private readonly List<string[]> _rows = [];

    public void Add(params ReadOnlySpan<string?> cells)
    {
        var row = new string[headings.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = PlainText.Of(i < cells.Length ? cells[i] : null, i == row.Length - 1 ? int.MaxValue : MaxCell) is { Length: > 0 } text ? text : "-";
        _rows.Add(row);
    }

    public async Task WriteAsync(TextWriter output)
    {
        var widths = headings.Select(static heading => heading.Length).ToArray();
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length; i++)
                widths[i] = Math.Max(widths[i], row[i].Length);
        }

        await output.WriteLineAsync(Line(headings, widths));
        foreach (var row in _rows)
            await output.WriteLineAsync(Line(row, widths));
    }

    private static string Line(string[] cells, int[] widths)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Length - 1; i++)
            line.Append(cells[i].PadRight(widths[i] + Gap));
        return line.Append(cells[^1]).ToString();
    }
}
