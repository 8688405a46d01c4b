using System.Globalization;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>
/// Sets an open node up: its own H.264 where it has that and the agent is not told to encode, else what is best encoded; size and rate as
/// near to the options as the device comes; those encoder controls that it has, and those of the picture that the operator names.
/// </summary>
/// <param name="hasDecoder">Whether JPEG can be decoded here.</param>
internal sealed class V4l2Setup(CameraOptions options, string path, IV4l2Node node, Func<bool> hasDecoder)
{
    /// <summary>Four: one that the device fills, one that is read, and two for a reader that is late. More only hides lateness.</summary>
    private const int Buffers = 4;

    private readonly CodecControls _codec = new(node);

    /// <summary>Set as soon as it is known; failures of later calls mean something else with it.</summary>
    public bool IsLoopback { get; private set; }

    /// <summary>The node's own H.264, or what the agent encodes; null where nothing is of use.</summary>
    public static V4l2Mode? Choose(IV4l2Node node, IReadOnlyList<V4l2PixelFormat> formats, CameraOptions options, Func<bool> hasDecoder)
    {
        if (!options.AgentEncodes && formats.Any(static format => format.FourCc == V4l2PixelFormat.H264))
            return new(V4l2PixelFormat.H264, options.Width, options.Height, null);
        return options.MayEncode ? V4l2Mode.ToEncode(node, formats, options, formats.Any(static format => format.IsJpeg) && hasDecoder()) : null;
    }

    /// <returns>The choice; or null and why it cannot be used.</returns>
    /// <exception cref="V4l2Exception">A call failed.</exception>
    public (V4l2Choice? Choice, V4l2Ending? Ending) Run()
    {
        var device = node.Identify();
        IsLoopback = device.IsLoopback;
        if (!device.CanCapture)
            return (null, device.IsLoopback ? V4l2Faults.WaitsForWriter(path) : V4l2Faults.NoCapture(path, device));
        if (!device.CanStream)
            return (null, V4l2Faults.NoStreaming(path, device));

        var formats = node.ListFormats();
        // A loopback lists its writer's format alone. None, or many that break off, is one that has no writer, or gets one in this moment.
        if (device.IsLoopback && formats.Count != 1)
            return (null, V4l2Faults.WaitsForWriter(path));
        if (Choose(node, formats, options, hasDecoder) is not { } mode)
            return (null, V4l2Faults.NoFormat(path, device, formats, options.Encoder));

        var format = node.SetFormat(mode.FourCc, mode.Width, mode.Height);
        if (format.FourCc != mode.FourCc)
            return (null, V4l2Faults.NotTaken(path, mode.FourCc, format));
        var rate = node.SetRate(options.FrameRate);
        var isH264 = mode.FourCc == V4l2PixelFormat.H264;
        if (isH264)
            _codec.Set(new(options.Width, options.Height, options.FrameRate, options.Bitrate, options.KeyFrameInterval, options.Profile, options.Level));
        var refused = PictureControls.Apply(node, options.Controls ?? []);
        var canForceKeyFrame = isH264 && node.FindControl(V4l2Control.ForceKeyFrame) is not null;
        var buffers = node.MapBuffers(Buffers);
        return (new(device.IsLoopback, canForceKeyFrame, format, rate, Describe(device, formats, format, rate, buffers, canForceKeyFrame) + refused), null);
    }

    private string Describe(V4l2Identity device, IReadOnlyList<V4l2PixelFormat> formats, V4l2Format format, double? rate, int buffers, bool canForceKeyFrame)
    {
        var culture = CultureInfo.InvariantCulture;
        var isH264 = format.FourCc == V4l2PixelFormat.H264;
        var more = formats.Count > V4l2PixelFormat.Listed ? $" and {formats.Count - V4l2PixelFormat.Listed} more" : "";
        var among = formats.Count == 1 ? "its only format" : $"of {string.Join(' ', formats.Take(V4l2PixelFormat.Listed).Select(static other => other.Letters))}{more}";
        var why = isH264 ? "" : formats.Any(static other => other.FourCc == V4l2PixelFormat.H264) ? $", as encoder is \"{options.Encoder}\"" : ", without H.264";
        var size = (format.Width, format.Height) == (options.Width, options.Height)
            ? string.Create(culture, $"{format.Width}x{format.Height}")
            : string.Create(culture, $"{format.Width}x{format.Height} (the device's own; {options.Width}x{options.Height} was asked for)");
        var pace = rate switch
        {
            null => "at a rate of its own",
            { } own when Math.Abs(own - options.FrameRate) < 0.01 => string.Create(culture, $"{own:0.##} a second"),
            { } own => string.Create(culture, $"{own:0.##} a second (the device's own; {options.FrameRate} was asked for)"),
        };
        var requests = canForceKeyFrame ? "gives key frames on request" : "gives no key frame on request";
        var name = isH264 ? "H.264" : V4l2PixelFormat.LettersOf(format.FourCc);
        var encoding = isH264 ? $"{_codec.Words}; {requests}" : "the agent encodes";
        return string.Create(culture, $"{path} ({device}): {name} ({among}{why}), {size}, {pace}, {buffers} buffers; {encoding}");
    }
}
