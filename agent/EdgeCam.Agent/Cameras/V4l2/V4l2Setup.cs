using System.Globalization;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>Sets an open node up for H.264: size and rate as near to the options as the device comes, and those encoder controls that it has.</summary>
internal sealed class V4l2Setup(CameraOptions options, string path, IV4l2Node node)
{
    /// <summary>Four: one that the device fills, one that is read, and two for a reader that is late. More only hides lateness.</summary>
    private const int Buffers = 4;

    private static readonly string[] Levels = ["1", "1b", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "3", "3.1", "3.2", "4", "4.1", "4.2", "5", "5.1"]; // v4l2_mpeg_video_h264_level

    private readonly List<string> _set = [];
    private readonly List<string> _refused = [];

    /// <summary>Set as soon as it is known; failures of later calls mean something else with it.</summary>
    public bool IsLoopback { get; private set; }

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
        if (!formats.Any(format => format.FourCc == V4l2PixelFormat.H264))
        {
            // A loopback lists its writer's format alone. None, or many that break off, is one that has no writer, or gets one in this moment.
            return (null, device.IsLoopback && formats.Count != 1 ? V4l2Faults.WaitsForWriter(path) : V4l2Faults.NoH264(path, device, formats));
        }


        var format = node.SetFormat(V4l2PixelFormat.H264, options.Width, options.Height);
        if (format.FourCc != V4l2PixelFormat.H264)
            return (null, V4l2Faults.NotTaken(path, format));
        var rate = node.SetRate(options.FrameRate);
        SetControls();
        var canForceKeyFrame = node.FindControl(V4l2Control.ForceKeyFrame) is not null;
        var buffers = node.MapBuffers(Buffers);
        return (new(device.IsLoopback, canForceKeyFrame, Describe(device, formats, format, rate, buffers, canForceKeyFrame)), null);
    }

    private void SetControls()
    {
        SetNumber(V4l2Control.BFrames, 0, "B-frames");
        SetNumber(V4l2Control.BitrateMode, V4l2Control.ConstantBitrate, "constant bitrate");
        SetNumber(V4l2Control.Bitrate, options.Bitrate, "bitrate");
        if (!SetNumber(V4l2Control.GroupOfPictures, options.KeyFrameInterval, "key-frame interval"))
            SetNumber(V4l2Control.IPeriod, options.KeyFrameInterval, "key-frame interval");
        SetProfile();
        if (options.Level is { } level)
            SetNumber(V4l2Control.Level, Array.IndexOf(Levels, level.Replace(".0", "", StringComparison.Ordinal)), "level");
        if (!SetNumber(V4l2Control.RepeatHeaders, 1, "SPS and PPS repeated"))
            SetNumber(V4l2Control.PrependHeaders, 1, "SPS and PPS repeated");
    }

    private void SetProfile()
    {
        if (node.FindControl(V4l2Control.Profile) is not { } control)
            return;
        if (options.Profile == "main")
            SetNumber(V4l2Control.Profile, V4l2Control.ProfileMain, "profile main");
        else if (!TrySet(V4l2Control.Profile, control.Clamp(V4l2Control.ProfileConstrainedBaseline), out _)) // a menu may lack entries between its ends
            SetNumber(V4l2Control.Profile, V4l2Control.ProfileBaseline, "profile baseline");
        else
            _set.Add("profile baseline");
    }

    /// <returns>Whether the device has the control; a control that refuses its value is told and left alone.</returns>
    private bool SetNumber(uint id, int value, string name)
    {
        if (node.FindControl(id) is not { } control)
            return false;
        var clamped = control.Clamp(value);
        if (TrySet(id, clamped, out var reason))
            _set.Add(id is V4l2Control.Bitrate or V4l2Control.GroupOfPictures or V4l2Control.IPeriod ? string.Create(CultureInfo.InvariantCulture, $"{name} {clamped}") : name);
        else
            _refused.Add($"{name} ({reason})");
        return true;
    }

    private bool TrySet(uint id, int value, out string reason)
    {
        try
        {
            node.SetControl(id, value);
            reason = "";
            return true;
        }
        catch (V4l2Exception failure) when (failure.Error is not (V4l2Exception.NoDevice or V4l2Exception.NoAddress))
        {
            reason = failure.Message;
            return false;
        }
    }

    private string Describe(V4l2Identity device, IReadOnlyList<V4l2PixelFormat> formats, V4l2Format format, double? rate, int buffers, bool canForceKeyFrame)
    {
        var culture = CultureInfo.InvariantCulture;
        var among = formats.Count == 1 ? "its only format" : $"of {string.Join(' ', formats.Select(other => other.Letters))}";
        var size = (format.Width, format.Height) == (options.Width, options.Height)
            ? string.Create(culture, $"{format.Width}x{format.Height}")
            : string.Create(culture, $"{format.Width}x{format.Height} (the device's own; {options.Width}x{options.Height} was asked for)");
        var pace = rate switch
        {
            null => "at a rate of its own",
            { } own when Math.Abs(own - options.FrameRate) < 0.01 => string.Create(culture, $"{own:0.##} a second"),
            { } own => string.Create(culture, $"{own:0.##} a second (the device's own; {options.FrameRate} was asked for)"),
        };
        var controls = _set.Count == 0 ? "no encoder control: bitrate and key-frame interval are the device's own" : $"set: {string.Join(", ", _set)}";
        if (_refused.Count > 0)
            controls += $"; left as they are: {string.Join(", ", _refused)}";
        var requests = canForceKeyFrame ? "gives key frames on request" : "gives no key frame on request";
        return string.Create(culture, $"{path} ({device.Card}, driver {device.Driver}): H.264 ({among}), {size}, {pace}, {buffers} buffers; {controls}; {requests}");
    }
}
