namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>A way in which a node can give pictures.</summary>
/// <param name="Rate">Pictures a second; null where the driver lists none.</param>
internal readonly record struct V4l2Mode(uint FourCc, int Width, int Height, double? Rate)
{
    private const double Tolerance = 0.97; // 29.97 is 30

    /// <summary>The size and rate of a format that come nearest to what is asked for.</summary>
    public static V4l2Mode Nearest(IV4l2Node node, uint fourCc, int width, int height, int rate)
    {
        var (best, distance) = ((Width: width, Height: height), long.MaxValue);
        foreach (var range in node.ListSizes(fourCc))
        {
            var size = range.Nearest(width, height);
            var far = Math.Abs((long)size.Width - width) + Math.Abs((long)size.Height - height);
            if (far < distance || (far == distance && size.Width > best.Width))
                (best, distance) = (size, far);
        }

        double? nearest = null;
        foreach (var range in node.ListRates(fourCc, best.Width, best.Height))
        {
            var own = range.Nearest(rate);
            if (nearest is not { } other || IsBetter(own, other, rate))
                nearest = own;
        }

        return new(fourCc, best.Width, best.Height, nearest);
    }

    /// <summary>
    /// Among what has to be encoded: raw pictures cost no decoder and lose nothing, JPEG carries more of them over a slow bus. The size
    /// counts most, then whether the rate is kept, then the format.
    /// </summary>
    /// <param name="hasDecoder">Whether JPEG can be taken.</param>
    public static V4l2Mode? ToEncode(IV4l2Node node, IReadOnlyList<V4l2PixelFormat> formats, CameraOptions options, bool hasDecoder)
    {
        V4l2Mode? best = null;
        foreach (var fourCc in V4l2PixelFormat.Raw.Concat([V4l2PixelFormat.MotionJpeg, V4l2PixelFormat.Jpeg]))
        {
            if (!formats.Any(format => format.FourCc == fourCc) || (!hasDecoder && new V4l2PixelFormat(fourCc, "").IsJpeg))
                continue;
            var mode = Nearest(node, fourCc, options.Width, options.Height, options.FrameRate);
            if (best is not { } other || mode.IsPreferable(other, options))
                best = mode;
        }

        return best;
    }

    public bool Keeps(int rate) => Rate is not { } own || own >= rate * Tolerance;

    private static bool IsBetter(double rate, double other, int wanted)
    {
        var (keeps, otherKeeps) = (rate >= wanted * Tolerance, other >= wanted * Tolerance);
        return keeps != otherKeeps ? keeps : keeps ? rate < other : rate > other;
    }

    private bool IsPreferable(V4l2Mode other, CameraOptions options)
    {
        var (far, otherFar) = (Distance(options), other.Distance(options));
        if (far != otherFar)
            return far < otherFar;
        if (Keeps(options.FrameRate) != other.Keeps(options.FrameRate))
            return Keeps(options.FrameRate);
        return !Keeps(options.FrameRate) && Rate > other.Rate * (1 / Tolerance);
    }

    private int Distance(CameraOptions options) => Math.Abs(Width - options.Width) + Math.Abs(Height - options.Height);
}
