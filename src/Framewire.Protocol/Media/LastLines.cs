using System.Text;

namespace Framewire.Protocol.Media;

/// <summary>
/// The last lines that a child wrote to its standard error, bounded in number and length however much it writes. Filled by the
/// child's own reading loop, read by its owner. Thread-safe.
/// </summary>
public sealed class LastLines
{
    private const int MostLines = 40;
    private const int MostCharacters = 400;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private readonly StringBuilder _current = new();

    /// <summary>Raised for each whole line, on the reading loop's thread.</summary>
    public event Action<string>? LineRead;

    /// <summary>The lines kept, oldest first.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <summary>Takes text until the child closes it.</summary>
    public async Task FillAsync(StreamReader text)
    {
        var characters = new char[1024];
        int count;
        while ((count = await text.ReadAsync(characters).ConfigureAwait(false)) > 0)
            Add(characters.AsSpan(0, count));
        Add("\n");
    }

    /// <summary>Takes a piece of text; control characters become spaces, so that a child cannot write to a terminal through us.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (character is '\n' or '\r')
                EndLine();
            else if (_current.Length < MostCharacters)
                _current.Append(char.IsControl(character) ? ' ' : character);
        }
    }

    private void EndLine()
    {
        var line = _current.ToString().Trim();
        _current.Clear();
        if (line.Length == 0)
            return;
        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MostLines)
                _lines.Dequeue();
        }
        LineRead?.Invoke(line);
    }
}
