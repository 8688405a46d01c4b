namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>Sizes that a format comes in (VIDIOC_ENUM_FRAMESIZES); a single one where the ends are equal.</summary>
internal readonly record struct V4l2SizeRange(int MinWidth, int MaxWidth, int StepWidth, int MinHeight, int MaxHeight, int StepHeight)
{
    public static V4l2SizeRange Of(int width, int height) => new(width, width, 1, height, height, 1);

    /// <summary>The size among them that comes nearest.</summary>
    public (int Width, int Height) Nearest(int width, int height) => (Nearest(width, MinWidth, MaxWidth, StepWidth), Nearest(height, MinHeight, MaxHeight, StepHeight));

    public override string ToString() => MinWidth == MaxWidth && MinHeight == MaxHeight ? $"{MinWidth}x{MinHeight}" : $"{MinWidth}x{MinHeight} to {MaxWidth}x{MaxHeight}";

    private static int Nearest(int wanted, int least, int most, int step)
    {
        var clamped = Math.Clamp(wanted, least, Math.Max(least, most));
        return step > 1 ? least + ((clamped - least) / step * step) : clamped;
    }
}
