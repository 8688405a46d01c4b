using System.Numerics;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// Makes one plane of samples smaller: each new sample is the mean of the old ones that it covers, parts of samples counted in 256ths. So
/// nothing flickers that is finer than the smaller picture. Allocates nothing once made.
/// </summary>
internal sealed class PlaneScaler
{
    private const int One = 256;

    private readonly int _sourceWidth;
    private readonly int _width;
    private readonly int _height;
    private readonly Cover[] _columns;
    private readonly Cover[] _rows;
    private readonly ushort[] _columnWeights;
    private readonly ushort[] _rowWeights;
    private readonly ushort[] _row; // of the source, weighted and added up: at most 255 * 256

    public PlaneScaler(int sourceWidth, int sourceHeight, int width, int height)
    {
        if (width <= 0 || height <= 0 || width > sourceWidth || height > sourceHeight)
            throw new ArgumentException($"{sourceWidth}x{sourceHeight} cannot be made smaller to {width}x{height}", nameof(width));
        (_sourceWidth, _width, _height) = (sourceWidth, width, height);
        (_columns, _columnWeights) = Covers(sourceWidth, width);
        (_rows, _rowWeights) = Covers(sourceHeight, height);
        _row = new ushort[sourceWidth];
    }

    public void Scale(ReadOnlySpan<byte> source, int sourceStride, Span<byte> target, int targetStride)
    {
        for (var y = 0; y < _height; y++)
        {
            var rows = _rows[y];
            for (var i = 0; i < rows.Count; i++)
                AddRow(source.Slice((rows.First + i) * sourceStride, _sourceWidth), _rowWeights[rows.Weights + i], isFirst: i == 0);
            ScaleRow(target.Slice(y * targetStride, _width));
        }
    }

    private void AddRow(ReadOnlySpan<byte> source, ushort weight, bool isFirst)
    {
        var x = 0;
        var sums = _row.AsSpan();
        var factor = new Vector<ushort>(weight);
        for (; x <= source.Length - Vector<byte>.Count; x += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(source[x..]), out var low, out var high);
            (low, high) = (low * factor, high * factor);
            var lowSums = sums[x..];
            var highSums = sums[(x + Vector<ushort>.Count)..];
            if (!isFirst)
                (low, high) = (low + new Vector<ushort>(lowSums), high + new Vector<ushort>(highSums));
            low.CopyTo(lowSums);
            high.CopyTo(highSums);
        }

        for (; x < source.Length; x++)
            sums[x] = (ushort)((isFirst ? 0 : sums[x]) + (source[x] * weight));
    }

    private void ScaleRow(Span<byte> target)
    {
        var sums = _row;
        var weights = _columnWeights;
        for (var x = 0; x < target.Length; x++)
        {
            var columns = _columns[x];
            var sum = (uint)One * One / 2;
            for (var i = 0; i < columns.Count; i++)
                sum += (uint)sums[columns.First + i] * weights[columns.Weights + i];
            target[x] = (byte)(sum / (One * One));
        }
    }

    /// <summary>For each new sample the old ones it covers, with weights that add up to 256.</summary>
    private static (Cover[] Covers, ushort[] Weights) Covers(int from, int to)
    {
        var covers = new Cover[to];
        var weights = new List<ushort>();
        for (var i = 0; i < to; i++)
        {
            // In units of 1/to of an old sample: the new one spans from i * from to (i + 1) * from.
            var (begin, end) = ((long)i * from, (long)(i + 1) * from);
            var (first, last) = ((int)(begin / to), (int)((end - 1) / to));
            covers[i] = new(first, last - first + 1, weights.Count);
            var given = 0;
            for (var sample = first; sample <= last; sample++)
            {
                var covered = Math.Min(end, (sample + 1L) * to) - begin; // up to and with this sample, so that rounding leaves no rest
                var total = (int)((covered * One + (from / 2)) / from);
                weights.Add((ushort)(total - given));
                given = total;
            }
        }

        return (covers, [.. weights]);
    }

    private readonly record struct Cover(int First, int Count, int Weights);
}
