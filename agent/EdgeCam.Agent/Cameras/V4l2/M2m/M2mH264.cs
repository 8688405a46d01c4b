namespace EdgeCam.Agent.Cameras.V4l2.M2m;

/// <summary>H.264, as board encoders have it (bcm2835-codec and others).</summary>
internal sealed class M2mH264 : M2mCodec
{
    public override string Name => "H.264";

    public override uint FourCc => V4l2PixelFormat.H264;

    public override string Configure(IV4l2Controls controls, EncoderSettings settings)
    {
        var set = new CodecControls(controls);
        set.Set(settings with { Level = settings.Level ?? RpicamCommandLine.LowestLevel(settings.Width, settings.Height, settings.FrameRate, settings.Bitrate) });
        return set.Words;
    }

    public override bool HasLiveBitrate(IV4l2Controls controls) => controls.FindControl(V4l2Control.Bitrate) is not null;

    public override void SetBitrate(IV4l2Controls controls, EncoderSettings settings, long bitsPerSecond)
    {
        if (controls.FindControl(V4l2Control.Bitrate) is { } control)
            controls.SetControl(V4l2Control.Bitrate, control.Clamp((int)bitsPerSecond));
    }

    public override bool Prepare(IV4l2Controls controls, bool isIdrWanted)
    {
        if (!isIdrWanted)
            return true;
        if (controls.FindControl(V4l2Control.ForceKeyFrame) is null)
            return false;
        controls.SetControl(V4l2Control.ForceKeyFrame, 1);
        return true;
    }
}
