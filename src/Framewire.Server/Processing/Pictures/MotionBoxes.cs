using Framewire.Protocol.Video;

namespace Framewire.Server.Processing.Pictures;

/// <summary>Puts boxes round what moved: cells in which enough pixels moved, joined where they touch. Pure.</summary>
internal static class MotionBoxes
{
    /// <summary>Pixels of a cell's side.</summary>
    public const int Cell = 8;

    /// <summary>Pixels of a cell that must have moved.</summary>
    private const int CellPixels = Cell * Cell / 4;

    /// <summary>A single cell is as likely noise.</summary>
    private const int FewestCells = 2;

    private const int MostBoxes = 64;

    /// <summary>The boxes, largest first; the score is the share of the box's cells that moved.</summary>
    /// <param name="moved">For each pixel not 0 if it moved; rows without padding.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    public static IReadOnlyList<Detection> Around(ReadOnlySpan<byte> moved, int width, int height)
    {
        var (columns, rows) = ((width + Cell - 1) / Cell, (height + Cell - 1) / Cell);
        var cells = MovedCells(moved, width, height, columns, rows);
        List<(int Left, int Top, int Right, int Bottom, int Cells)> boxes = [];
        for (var at = 0; at < cells.Length; at++)
        {
            if (cells[at] && Take(cells, columns, rows, at) is { Cells: >= FewestCells } box)
                boxes.Add(box);
        }

        return
        [
            .. boxes.OrderByDescending(box => box.Cells).Take(MostBoxes).Select(box => new Detection(
                "motion",
                (float)box.Cells / ((box.Right - box.Left + 1) * (box.Bottom - box.Top + 1)),
                ToBox(box.Left, box.Top, box.Right, box.Bottom, width, height))),
        ];
    }

    private static bool[] MovedCells(ReadOnlySpan<byte> moved, int width, int height, int columns, int rows)
    {
        var counts = new int[columns * rows];
        for (var y = 0; y < height; y++)
        {
            var row = moved.Slice(y * width, width);
            for (var x = 0; x < width; x += Cell)
            {
                var cell = row.Slice(x, Math.Min(Cell, width - x));
                counts[(y / Cell * columns) + (x / Cell)] += cell.Length - cell.Count((byte)0);
            }
        }

        return Array.ConvertAll(counts, count => count >= CellPixels);
    }

    /// <summary>Takes out all the cells that touch one, corners included.</summary>
    private static (int Left, int Top, int Right, int Bottom, int Cells) Take(bool[] cells, int columns, int rows, int first)
    {
        var (left, top, right, bottom, count) = (columns, rows, 0, 0, 0);
        var waiting = new Stack<int>([first]);
        cells[first] = false;
        while (waiting.TryPop(out var at))
        {
            var (x, y) = (at % columns, at / columns);
            (left, top, right, bottom, count) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y), count + 1);
            for (var neighbourY = Math.Max(0, y - 1); neighbourY <= Math.Min(rows - 1, y + 1); neighbourY++)
            {
                for (var neighbourX = Math.Max(0, x - 1); neighbourX <= Math.Min(columns - 1, x + 1); neighbourX++)
                {
                    var neighbour = (neighbourY * columns) + neighbourX;
                    if (!cells[neighbour])
                        continue;
                    cells[neighbour] = false;
                    waiting.Push(neighbour);
                }
            }
        }

        return (left, top, right, bottom, count);
    }

    private static Box ToBox(int left, int top, int right, int bottom, int width, int height)
    {
        var (x, y) = (left * Cell / (float)width, top * Cell / (float)height);
        var (endX, endY) = (Math.Min((right + 1) * Cell, width) / (float)width, Math.Min((bottom + 1) * Cell, height) / (float)height);
        return new Box(x, y, endX - x, endY - y);
    }
}
