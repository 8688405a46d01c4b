namespace EdgeCam.Agent.Cameras;

/// <summary>What the agent's own encoders of a camera are opened with, from its options.</summary>
/// <param name="Substream">Null where there is none.</param>
internal sealed record EncoderPlan(EncoderSettings Main, EncoderSettings? Substream)
{
    private const int RowAlignment = 64; // rpicam-vid pads the rows of other widths, and does not say how far
    private const int WidestSubstream = 640;
    private const int FastestSubstream = 15;
    private const int MostThreads = 4;
    private const int SmallestToDivide = 64; // what is smaller has no smaller picture

    public static EncoderPlan From(CameraOptions options)
    {
        // rpicam-vid sets the colour space of JPEG for raw frames; what another program means by its samples nobody says.
        var colour = EncoderChoice.IsSteered(options) ? new PictureColour(IsBt601: true, IsFullRange: true) : default;
        var threads = Math.Clamp(Environment.ProcessorCount / 2, 1, MostThreads);
        var main = new EncoderSettings(
            options.Width, options.Height, options.FrameRate, options.Bitrate, options.KeyFrameInterval, options.Profile, options.Level, threads, colour);
        if (!options.Substream.Enabled)
            return new(main, null);

        var divisor = Math.Max(2, DivideUp(options.Width, WidestSubstream));
        var rate = options.FrameRate / DivideUp(options.FrameRate, FastestSubstream);
        var (width, height) = (options.Substream.Width, options.Substream.Height) switch
        {
            (null, null) => (options.Width / divisor, options.Height / divisor),
            ({ } given, null) => (given, given * options.Height / options.Width),
            (null, { } given) => (given * options.Width / options.Height, given),
            ({ } givenWidth, { } givenHeight) => (givenWidth, givenHeight),
        };
        var bitrate = Math.Min(options.Substream.Bitrate, options.Bitrate);
        var sub = new EncoderSettings(width & ~1, height & ~1, options.Substream.FrameRate ?? rate, bitrate, options.KeyFrameInterval, options.Profile, Colour: colour);
        return new(main, sub);
    }

    /// <summary>For pictures that are otherwise than the options say, because the camera has no others.</summary>
    /// <param name="rate">Pictures a second.</param>
    public static EncoderPlan From(CameraOptions options, int width, int height, int rate, PictureColour colour)
    {
        var sub = options.Substream;
        if (sub.Width > width || sub.Height > height || sub.FrameRate > rate)
            sub = sub with { Width = null, Height = null, FrameRate = null };
        if (width < SmallestToDivide || height < SmallestToDivide)
            sub = sub with { Enabled = false };
        var plan = From(options with { Width = width & ~1, Height = height & ~1, FrameRate = rate, Substream = sub });
        return new(plan.Main with { Colour = colour }, plan.Substream is { } settings ? settings with { Colour = colour } : null);
    }

    /// <summary>What is wrong with the options, with its remedy; null where nothing is.</summary>
    public static string? FindMistake(CameraOptions options)
    {
        var name = options.Name;
        if (options.Width % RowAlignment != 0)
            return $"Width of camera '{name}' must be a multiple of {RowAlignment} for encoder \"{options.Encoder}\": {options.Width} is not; 640, 1280 and 1920 are.";
        return FindSubstreamMistake(options);
    }

    /// <summary>The same where rows of any length can be taken.</summary>
    public static string? FindSubstreamMistake(CameraOptions options)
    {
        var name = options.Name;
        var sub = options.Substream;
        if (((sub.Width ?? 0) & 1) != 0 || ((sub.Height ?? 0) & 1) != 0)
            return $"Width and height of the substream of camera '{name}' must be even.";
        if (sub.Width > options.Width || sub.Height > options.Height)
            return $"The substream of camera '{name}' must not be larger than the camera's picture, {options.Width}x{options.Height}.";
        return sub.FrameRate > options.FrameRate
            ? $"The substream of camera '{name}' must not have more pictures a second than the camera, {options.FrameRate}."
            : null;
    }

    private static int DivideUp(int value, int by) => (value + by - 1) / by;
}
