namespace EdgeCam.Agent.Cameras.V4l2.M2m;

/// <summary>H.264, as board encoders have it (bcm2835-codec and others).</summary>
internal sealed class M2mH264 : M2mCodec
{
    /// <summary>The Raspberry Pi's: it lists a constant bitrate, and refuses to start with it or encodes next to nothing.</summary>
    private const string WithoutConstantBitrate = "bcm2835-codec";

    private bool _isConstant;

    public override string Name => "H.264";

    public override uint FourCc => V4l2PixelFormat.H264;

    public override string Configure(V4l2Identity device, IV4l2Controls controls, EncoderSettings settings)
    {
        var set = new CodecControls(controls);
        _isConstant = device.Driver != WithoutConstantBitrate && controls.FindControl(V4l2Control.BitrateMode) is not null;
        set.Set(settings with { Level = settings.Level ?? RpicamCommandLine.LowestLevel(settings.Width, settings.Height, settings.FrameRate, settings.Bitrate) }, _isConstant);
        return set.Words;
    }

    public override string? Relax(IV4l2Controls controls)
    {
        if (!_isConstant)
            return null;
        _isConstant = false;
        controls.SetControl(V4l2Control.BitrateMode, V4l2Control.VariableBitrate);
        return "; variable bitrate, as it does not start with a constant one";
    }

    public override bool HasLiveBitrate(IV4l2Controls controls) => controls.FindControl(V4l2Control.Bitrate) is not null;

    public override void SetBitrate(IV4l2Controls controls, EncoderSettings settings, long bitsPerSecond)
    {
        if (controls.FindControl(V4l2Control.Bitrate) is { } control)
            controls.SetControl(V4l2Control.Bitrate, control.Clamp((int)bitsPerSecond));
    }

    public override bool CanForceKeyFrame(IV4l2Controls controls) => controls.FindControl(V4l2Control.ForceKeyFrame) is not null;

    public override void Prepare(IV4l2Controls controls, bool isIdrWanted)
    {
        if (isIdrWanted)
            controls.SetControl(V4l2Control.ForceKeyFrame, 1);
    }

    /// <summary>Not every driver marks its buffers: the first slice tells, too (nal_unit_type 5, H.264 Table 7-1).</summary>
    public override bool IsKey(ReadOnlySpan<byte> unit, bool isMarked)
    {
        ReadOnlySpan<byte> start = [0, 0, 1];
        while (!isMarked && unit.IndexOf(start) is var at and >= 0 && at + start.Length < unit.Length)
        {
            unit = unit[(at + start.Length)..];
            if ((unit[0] & 0x1F) is var type and >= 1 and <= 5)
                return type == 5;
        }

        return isMarked;
    }
}
