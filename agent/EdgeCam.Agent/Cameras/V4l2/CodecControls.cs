using System.Globalization;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>Sets those of an encoder's controls that a device has to what the stream needs, and remembers in words what became of it.</summary>
internal sealed class CodecControls(IV4l2Controls device)
{
    private static readonly string[] s_levels = ["1", "1b", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "3", "3.1", "3.2", "4", "4.1", "4.2", "5", "5.1"]; // v4l2_mpeg_video_h264_level

    private readonly List<string> _set = [];
    private readonly List<string> _refused = [];

    /// <summary>What was set and what refused; it ends without a full stop.</summary>
    public string Words
    {
        get
        {
            var words = _set.Count == 0 ? "no encoder control: bitrate and key-frame interval are the device's own" : $"set: {string.Join(", ", _set)}";
            return _refused.Count == 0 ? words : $"{words}; left as they are: {string.Join(", ", _refused)}";
        }
    }

    /// <summary>Sets what H.264 encoders have.</summary>
    /// <param name="isConstant">The bitrate is to be constant; else how it is kept to is the device's own.</param>
    public void Set(EncoderSettings settings, bool isConstant = true)
    {
        SetNumber(V4l2Control.BFrames, 0, "B-frames");
        SetNumber(V4l2Control.RateControl, 1, "rate control");
        if (isConstant)
            SetNumber(V4l2Control.BitrateMode, V4l2Control.ConstantBitrate, "constant bitrate");
        SetNumber(V4l2Control.Bitrate, (int)settings.Bitrate, "bitrate");
        if (!SetNumber(V4l2Control.GroupOfPictures, settings.KeyFrameInterval, "key-frame interval"))
            SetNumber(V4l2Control.IPeriod, settings.KeyFrameInterval, "key-frame interval");
        SetProfile(settings.Profile);
        if (settings.Level is { } level)
            SetNumber(V4l2Control.Level, Array.IndexOf(s_levels, level.Replace(".0", "", StringComparison.Ordinal)), "level");
        SetNumber(V4l2Control.HeaderMode, V4l2Control.JoinedHeaders, "headers with the picture");
        if (!SetNumber(V4l2Control.RepeatHeaders, 1, "SPS and PPS repeated"))
            SetNumber(V4l2Control.PrependHeaders, 1, "SPS and PPS repeated");
    }

    /// <summary>Sets one control, as near as its range allows.</summary>
    /// <returns>Whether the device has it; a control that refuses its value is told and left alone.</returns>
    public bool SetNumber(uint id, int value, string name)
    {
        if (device.FindControl(id) is not { } control)
            return false;
        var clamped = control.Clamp(value);
        if (TrySet(id, clamped, out var reason))
            _set.Add(id is V4l2Control.Bitrate or V4l2Control.GroupOfPictures or V4l2Control.IPeriod ? string.Create(CultureInfo.InvariantCulture, $"{name} {clamped}") : name);
        else
            _refused.Add($"{name} ({reason})");
        return true;
    }

    private void SetProfile(string profile)
    {
        if (device.FindControl(V4l2Control.Profile) is not { } control)
            return;
        if (profile == "main")
            SetNumber(V4l2Control.Profile, V4l2Control.ProfileMain, "profile main");
        else if (!TrySet(V4l2Control.Profile, control.Clamp(V4l2Control.ProfileConstrainedBaseline), out _)) // a menu may lack entries between its ends
            SetNumber(V4l2Control.Profile, V4l2Control.ProfileBaseline, "profile baseline");
        else
            _set.Add("profile baseline");
    }

    private bool TrySet(uint id, int value, out string reason)
    {
        try
        {
            device.SetControl(id, value);
            reason = "";
            return true;
        }
        catch (V4l2Exception failure) when (failure.Error is not (V4l2Exception.NoDevice or V4l2Exception.NoAddress))
        {
            reason = failure.Message;
            return false;
        }
    }
}
