using System.Numerics;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// Makes a part of a plane of samples as large as the plane, in place: bilinear, positions in 65536ths of a sample and weights in 256ths, so
/// that a region that moves slowly moves smoothly. Allocates nothing once made.
/// </summary>
internal sealed class PlaneMagnifier
{
    private const int One = 256;
    private const int Fraction = 16; // bits of a position

    private readonly int _width;
    private readonly int _height;
    private readonly byte[] _part; // as it was, for it is written over
    private readonly int[] _columns;
    private readonly ushort[] _weights; // of the sample right of the column
    private byte[] _upper; // two rows of the part, magnified
    private byte[] _lower;
    private int _upperRow;
    private (int Start, int Step) _prepared = (int.MinValue, 0);

    public PlaneMagnifier(int width, int height)
    {
        if (width < 2 || height < 2)
            throw new ArgumentException($"{width}x{height} has nothing to be interpolated between", nameof(width));
        (_width, _height) = (width, height);
        (_part, _columns, _weights) = (new byte[width * height], new int[width], new ushort[width]);
        (_upper, _lower) = (new byte[width], new byte[width]);
    }

    public void Magnify(Span<byte> plane, int stride, in PictureRegion region)
    {
        var across = Position(region.X, region.Width, _width);
        Prepare(across);
        var down = Position(region.Y, region.Height, _height);
        var left = _columns[0];
        var partWidth = _columns[^1] + 2 - left;
        var top = Locate(down, 0, _height).Index;
        var bottom = Locate(down, _height - 1, _height).Index + 1;
        for (var y = top; y <= bottom; y++)
            plane.Slice((y * stride) + left, partWidth).CopyTo(_part.AsSpan((y - top) * partWidth));

        _upperRow = -2;
        for (var y = 0; y < _height; y++)
        {
            var (index, weight) = Locate(down, y, _height);
            MoveTo(index - top, left, partWidth);
            Blend(_upper, _lower, weight, plane.Slice(y * stride, _width));
        }
    }

    /// <summary>Where the first new sample's middle lies among the old ones, and how far it is to the next.</summary>
    private static (int Start, int Step) Position(double from, double size, int length)
    {
        var step = (int)Math.Round(size * (1 << Fraction));
        return ((int)Math.Round(from * length * (1 << Fraction)) + (step / 2) - (1 << (Fraction - 1)), step);
    }

    /// <summary>The old sample before a new one, and the weight of the one after it.</summary>
    private static (int Index, ushort Weight) Locate((int Start, int Step) position, int at, int length)
    {
        var place = Math.Max(0, position.Start + (at * position.Step));
        var index = place >> Fraction;
        return index < length - 1 ? (index, (ushort)((place >> (Fraction - 8)) & (One - 1))) : (length - 2, (ushort)One);
    }

    private void Prepare((int Start, int Step) across)
    {
        if (across == _prepared)
            return;
        _prepared = across;
        for (var x = 0; x < _width; x++)
            (_columns[x], _weights[x]) = Locate(across, x, _width);
    }

    /// <summary>Has this row of the part as upper one, and the next as lower one.</summary>
    private void MoveTo(int row, int left, int partWidth)
    {
        if (row == _upperRow)
            return;
        if (row == _upperRow + 1)
            (_upper, _lower) = (_lower, _upper);
        else
            MagnifyRow(_part.AsSpan(row * partWidth, partWidth), left, _upper);
        MagnifyRow(_part.AsSpan((row + 1) * partWidth, partWidth), left, _lower);
        _upperRow = row;
    }

    private void MagnifyRow(ReadOnlySpan<byte> part, int left, Span<byte> target)
    {
        var columns = _columns.AsSpan(0, target.Length);
        var weights = _weights.AsSpan(0, target.Length);
        for (var x = 0; x < target.Length; x++)
        {
            var (at, weight) = (columns[x] - left, (int)weights[x]);
            target[x] = (byte)(((part[at] * (One - weight)) + (part[at + 1] * weight) + (One / 2)) / One);
        }
    }

    private static void Blend(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, ushort weight, Span<byte> target)
    {
        var (ofUpper, ofLower, half) = (new Vector<ushort>((ushort)(One - weight)), new Vector<ushort>(weight), new Vector<ushort>(One / 2));
        var x = 0;
        for (; x <= target.Length - Vector<byte>.Count; x += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(upper[x..]), out var upperLow, out var upperHigh);
            Vector.Widen(new Vector<byte>(lower[x..]), out var lowerLow, out var lowerHigh);
            var low = ((upperLow * ofUpper) + (lowerLow * ofLower) + half) >> 8; // at most 255 * 256 + 128
            var high = ((upperHigh * ofUpper) + (lowerHigh * ofLower) + half) >> 8;
            Vector.Narrow(low, high).CopyTo(target[x..]);
        }

        for (; x < target.Length; x++)
            target[x] = (byte)(((upper[x] * (One - weight)) + (lower[x] * weight) + (One / 2)) / One);
    }
}
