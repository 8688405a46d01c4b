using System.Buffers.Binary;

namespace EdgeCam.Agent.Cameras.V4l2.M2m;

/// <summary>
/// The codec of vicodec, the kernel's simulated encoder: no viewer can show it, but it drives the encoder through all its states where there
/// is no hardware. It has neither a bitrate nor a request for a key frame; how coarse its pictures are, and how many depend on one, stand in.
/// </summary>
internal sealed class M2mFwht : M2mCodec
{
    private const double BitsAtFinest = 4; // of a sample, about
    private const int Flags = 20; // where they are in a picture's header (struct fwht_cframe_hdr), the first byte first
    private const uint StandsAlone = 1 << 10; // V4L2_FWHT_FL_I_FRAME

    private int _interval;
    private bool _isShortened;

    public override string Name => "FWHT";

    public override uint FourCc => V4l2PixelFormat.Fwht;

    public override string Configure(V4l2Identity device, IV4l2Controls controls, EncoderSettings settings)
    {
        var set = new CodecControls(controls);
        _interval = controls.FindControl(V4l2Control.GroupOfPictures)?.Clamp(settings.KeyFrameInterval) ?? 0;
        set.SetNumber(V4l2Control.GroupOfPictures, settings.KeyFrameInterval, "key-frame interval");
        set.SetNumber(V4l2Control.FwhtIQuantizer, Quantizer(settings, settings.Bitrate), "quantizer");
        set.SetNumber(V4l2Control.FwhtPQuantizer, Quantizer(settings, settings.Bitrate), "quantizer between");
        return set.Words;
    }

    public override bool HasLiveBitrate(IV4l2Controls controls) => controls.FindControl(V4l2Control.FwhtIQuantizer) is not null;

    public override void SetBitrate(IV4l2Controls controls, EncoderSettings settings, long bitsPerSecond)
    {
        controls.SetControl(V4l2Control.FwhtIQuantizer, Quantizer(settings, bitsPerSecond));
        controls.SetControl(V4l2Control.FwhtPQuantizer, Quantizer(settings, bitsPerSecond));
    }

    public override bool CanForceKeyFrame(IV4l2Controls controls) => _interval > 0;

    /// <summary>A group of one picture ends with it: the next picture stands alone.</summary>
    public override void Prepare(IV4l2Controls controls, bool isIdrWanted)
    {
        if (isIdrWanted != _isShortened)
            controls.SetControl(V4l2Control.GroupOfPictures, isIdrWanted ? 1 : _interval);
        _isShortened = isIdrWanted;
    }

    /// <summary>vicodec marks no buffer.</summary>
    public override bool IsKey(ReadOnlySpan<byte> unit, bool isMarked) => unit.Length >= Flags + sizeof(uint) && (BinaryPrimitives.ReadUInt32BigEndian(unit[Flags..]) & StandsAlone) != 0;

    private static int Quantizer(EncoderSettings settings, long bitsPerSecond) =>
        (int)Math.Clamp(Math.Round(BitsAtFinest * settings.Width * settings.Height * settings.FrameRate / bitsPerSecond), 1, 31);
}
