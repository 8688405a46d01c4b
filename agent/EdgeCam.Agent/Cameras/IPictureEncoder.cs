using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// An encoder at work: pictures are written where it reads them, access units come out. Bitrate and IDR pictures change while it runs. It
/// belongs to one thread.
/// </summary>
/// <exception cref="EncoderException">Every method but <see cref="Plane"/> and <see cref="IDisposable.Dispose"/>: it failed, and has to be opened again.</exception>
internal interface IPictureEncoder : IDisposable
{
    /// <summary>Bits per second, as set last.</summary>
    long Bitrate { get; }

    /// <summary>Whether <see cref="SetBitrate"/> has an effect; it may turn out at work that it has none.</summary>
    bool HasLiveBitrate => true;

    /// <summary>Whether IDR pictures come when they are wanted; it may turn out at work that they do not.</summary>
    bool CanForceKeyFrame => true;

    /// <summary>A picture is written from here on; the one before stays as it was until then.</summary>
    void Begin();

    /// <summary>Where the picture's samples are to be written: plane 0 is luma, 1 and 2 are Cb and Cr of half the width and height. Where the width is a multiple of 64, rows are not padded.</summary>
    /// <param name="stride">Bytes from one row to the next.</param>
    Span<byte> Plane(int plane, out int stride);

    /// <summary>What is written is read, too, from the next picture on: a driver's buffer may be slow to read, then it is written beside.</summary>
    void KeepReadable()
    {
    }

    /// <summary>From the next picture on.</summary>
    void SetBitrate(long bitsPerSecond);

    /// <summary>Encodes what was written to the planes; waits for it no longer than a picture lasts.</summary>
    void Encode(Instant captureTime, bool isIdrWanted);

    /// <summary>The next access unit that is ready, which may be of an earlier picture.</summary>
    /// <param name="unit">Valid until the next call.</param>
    /// <param name="captureTime">Of its picture, to the microsecond.</param>
    bool TryTake(out ReadOnlySpan<byte> unit, out Instant captureTime);
}
