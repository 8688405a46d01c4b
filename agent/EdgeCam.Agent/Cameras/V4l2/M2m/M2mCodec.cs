namespace EdgeCam.Agent.Cameras.V4l2.M2m;

/// <summary>What differs from codec to codec in how an encoder is steered. Belongs to one encoder.</summary>
internal abstract class M2mCodec
{
    /// <summary>For people.</summary>
    public abstract string Name { get; }

    /// <summary>The coded format.</summary>
    public abstract uint FourCc { get; }

    /// <summary>By name, as a command line has it; null where it is none.</summary>
    public static M2mCodec? Of(string name) => name.ToUpperInvariant() switch
    {
        "H264" => new M2mH264(),
        "FWHT" => new M2mFwht(),
        _ => null,
    };

    /// <summary>Sets what the stream needs, before the encoder is started.</summary>
    /// <returns>What was set, in words.</returns>
    public abstract string Configure(V4l2Identity device, IV4l2Controls controls, EncoderSettings settings);

    /// <summary>It does not start: takes back what may be the reason.</summary>
    /// <returns>What that was, in words that end the line; null where there is nothing more to take back.</returns>
    public virtual string? Relax(IV4l2Controls controls) => null;

    /// <summary>Whether the bitrate can be set, now that the encoder is started.</summary>
    public abstract bool HasLiveBitrate(IV4l2Controls controls);

    public abstract void SetBitrate(IV4l2Controls controls, EncoderSettings settings, long bitsPerSecond);

    /// <summary>Whether it can be asked for a picture that stands alone, now that the encoder is started.</summary>
    public abstract bool CanForceKeyFrame(IV4l2Controls controls);

    /// <summary>Called before each picture is given in.</summary>
    /// <param name="isIdrWanted">It, or the next one, is to stand alone; false where <see cref="CanForceKeyFrame"/> was.</param>
    public abstract void Prepare(IV4l2Controls controls, bool isIdrWanted);

    /// <summary>Whether an access unit stands alone.</summary>
    /// <param name="isMarked">As the driver says, by V4L2_BUF_FLAG_KEYFRAME.</param>
    public virtual bool IsKey(ReadOnlySpan<byte> unit, bool isMarked) => isMarked;
}
