namespace EdgeCam.Sims.Camera.Scene;

/// <summary>Draws the part of the surroundings that a camera sees: shifted by pan and tilt, magnified by zoom, between pixels bilinearly.</summary>
internal sealed class ViewPort
{
    private const int One = 256; // a weight of a whole pixel

    private readonly Picture _picture;
    private readonly Surroundings _surroundings;
    private readonly int[] _columns;
    private readonly byte[] _weights;
    private readonly byte[][] _rows; // the two source rows around the current one, already stretched across the picture
    private readonly int[] _rowNumbers = new int[2];

    public ViewPort(Picture picture, Surroundings surroundings)
    {
        (_picture, _surroundings) = (picture, surroundings);
        (_columns, _weights) = (new int[picture.Width], new byte[picture.Width]);
        _rows = [new byte[picture.Width], new byte[picture.Width]];
    }

    /// <summary>The middle of the picture in the surroundings, in pixels at zoom 1.</summary>
    public double X { get; private set; }

    public double Y { get; private set; }

    public double Zoom { get; private set; } = 1;

    public void Look(double pan, double tilt, double zoom)
    {
        Zoom = zoom < 1.001 ? 1 : zoom;
        X = _surroundings.Column(pan);
        Y = -tilt * _surroundings.PerDegree;
        if (Zoom != 1)
            return;
        // unmagnified, whole pairs of pixels are copied as they are: sharp, and for nothing
        (X, Y) = (Math.Round(X / 2) * 2, Math.Round(Y / 2) * 2);
    }

    public void Draw()
    {
        DrawPlane(_picture.Luma, _picture.Width, 1, layer => layer.Luma);
        DrawPlane(_picture.Cb, _picture.Width / 2, 2, layer => layer.Cb);
        DrawPlane(_picture.Cr, _picture.Width / 2, 2, layer => layer.Cr);
    }

    /// <summary>Blends a sprite, whose middle is given in the surroundings, magnified with them.</summary>
    public void Over(Layer sprite, double x, double y)
    {
        var across = x - X - (Math.Round((x - X) / _surroundings.Around) * _surroundings.Around);
        var left = (across - (sprite.Width / 2.0)) * Zoom + (_picture.Width / 2.0);
        var top = (y - Y - (sprite.Height / 2.0)) * Zoom + (_picture.Height / 2.0);
        OverPlane(_picture.Luma, _picture.Width, left, top, sprite.Luma, sprite.Alpha, sprite.Width);
        OverPlane(_picture.Cb, _picture.Width / 2, left / 2, top / 2, sprite.Cb, sprite.ChromaAlpha, sprite.Width / 2);
        OverPlane(_picture.Cr, _picture.Width / 2, left / 2, top / 2, sprite.Cr, sprite.ChromaAlpha, sprite.Width / 2);
    }

    /// <param name="share">1 for luma, 2 for chroma: how many pixels one sample covers in each direction.</param>
    private void DrawPlane(Span<byte> target, int width, int share, Func<Layer, byte[]> plane)
    {
        var height = target.Length / width;
        var bands = _surroundings.Bands;
        var current = -1;
        for (var row = 0; row < height; row++)
        {
            var y = (Y / share) + ((row + 0.5 - (height / 2.0)) / Zoom);
            var index = 0;
            while (index < bands.Length - 1 && y >= bands[index].Bottom / share)
                index++;
            var band = bands[index];
            var sourceWidth = band.Layer.Width / share;
            var source = plane(band.Layer);
            if (index != current)
            {
                current = index;
                Prepare(width, share, band.Scale, sourceWidth);
            }

            var at = Math.Clamp(((y - (band.Top / share)) * band.Scale) - 0.5, 0, (source.Length / sourceWidth) - 1);
            var first = (int)at;
            var weight = (int)((at - first) * One);
            var upper = Row(source, sourceWidth, first, width);
            var line = target.Slice(row * width, width);
            if (weight == 0)
                upper.CopyTo(line);
            else
                Blend.Between(line, upper, Row(source, sourceWidth, first + 1, width), weight);
        }
    }

    /// <summary>Which two source pixels each column lies between, and where.</summary>
    private void Prepare(int width, int share, double scale, int sourceWidth)
    {
        _rowNumbers.AsSpan().Fill(-1);
        for (var i = 0; i < width; i++)
        {
            var at = (((X / share) + ((i + 0.5 - (width / 2.0)) / Zoom)) * scale) - 0.5;
            at -= Math.Floor(at / sourceWidth) * sourceWidth;
            var first = (int)at;
            (_columns[i], _weights[i]) = (first >= sourceWidth ? 0 : first, (byte)((at - first) * One));
        }
    }

    /// <summary>A source row stretched across the picture; neighbours in the picture mostly ask for the same two.</summary>
    private ReadOnlySpan<byte> Row(byte[] source, int sourceWidth, int number, int width)
    {
        var slot = number & 1;
        var row = _rows[slot].AsSpan(0, width);
        if (_rowNumbers[slot] == number)
            return row;
        _rowNumbers[slot] = number;
        var line = source.AsSpan(number * sourceWidth, sourceWidth);
        var columns = _columns.AsSpan(0, width);
        var weights = _weights.AsSpan(0, width);
        if (Zoom == 1 && !weights.ContainsAnyExcept((byte)0))
        {
            var before = Math.Min(width, sourceWidth - columns[0]);
            line.Slice(columns[0], before).CopyTo(row);
            line[..(width - before)].CopyTo(row[before..]);
            return row;
        }

        for (var i = 0; i < row.Length; i++)
        {
            var (at, weight) = (columns[i], weights[i]);
            int a = line[at], b = line[at + 1 < line.Length ? at + 1 : 0];
            row[i] = (byte)(a + (((b - a) * weight) >> 8));
        }

        return row;
    }

    private void OverPlane(Span<byte> target, int width, double left, double top, byte[] source, byte[] alpha, int sourceWidth)
    {
        var height = target.Length / width;
        var sourceHeight = source.Length / sourceWidth;
        int x0 = Math.Max(0, (int)Math.Ceiling(left)), x1 = Math.Min(width, (int)(left + (sourceWidth * Zoom)));
        int y0 = Math.Max(0, (int)Math.Ceiling(top)), y1 = Math.Min(height, (int)(top + (sourceHeight * Zoom)));
        var step = (int)(65536 / Zoom);
        for (var y = y0; y < y1; y++)
        {
            var from = Math.Min((int)((y - top) / Zoom), sourceHeight - 1) * sourceWidth;
            var line = target.Slice(y * width, width);
            var at = (int)((x0 - left) * step);
            for (var x = x0; x < x1; x++, at += step)
            {
                var index = from + Math.Min(at >> 16, sourceWidth - 1);
                var cover = alpha[index];
                if (cover != 0)
                    line[x] = (byte)(((line[x] * (255 - cover)) + (source[index] * cover) + 128) * 257 >> 16);
            }
        }
    }
}
