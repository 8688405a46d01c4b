using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>
/// A node's raw pictures, or JPEG ones, which are decoded first: each is brought from the driver's buffer to where the encoder takes it from,
/// encoded, and given on. Of a camera faster than it was asked to be, pictures are left out: an encoder keeps to its bitrate at the rate that
/// it was told.
/// </summary>
/// <param name="encoders">They are disposed with this, and so is the decoder.</param>
/// <param name="jpeg">Null: the pictures are raw.</param>
internal sealed class RawPictures(string path, IV4l2Node node, V4l2Format format, EncoderPlan plan, AgentEncoders encoders, JpegDecoder? jpeg, DropCounters drops) : IV4l2Pictures
{
    private const int Hopeless = 100; // pictures that are none, one after another
    private const double Fastest = 1.05; // of the rate: crystals and rounded rates are not worth a gap

    private readonly PictureConverter _converter = new(plan.Main.Width, plan.Main.Height);
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1 / (Fastest * plan.Main.FrameRate));
    private Instant _due;
    private int _bad; // in a row
    private string? _wrong;

    public long Pictures => encoders.Pictures;

    public bool TakesLatestOnly => true;

    public bool HasLiveBitrate => encoders.Main.HasLiveBitrate;

    public bool CanForceKeyFrame => encoders.Main.CanForceKeyFrame;

    public void Prepare(Instant now)
    {
    }

    public void Read(in V4l2Frame frame, Instant capturedAt, Instant now)
    {
        if (capturedAt < _due - (_interval / 4)) // cameras are not so even
            return;
        _due = Instant.Max(_due + _interval, capturedAt);
        if (!encoders.TryBegin())
            return;
        if (!TryWrite(frame))
        {
            _bad++;
            drops.Count(Stage.Capture, DropReason.Damaged);
            return;
        }

        _bad = 0;
        encoders.Encode(capturedAt);
    }

    public void HandleGap()
    {
    }

    public V4l2Ending? Judge(Instant now, TimeSpan patience) =>
        encoders.Failure is { } failure ? V4l2Faults.EncoderFailed(failure)
        : encoders.Fault is { } fault ? new(fault, IsRefusal: true)
        : _bad >= Hopeless ? V4l2Faults.WrongPictures(path, format.FourCc, _wrong ?? "they are shorter than the format takes")
        : null;

    public void Dispose()
    {
        jpeg?.Dispose();
        encoders.Dispose();
    }

    private bool TryWrite(in V4l2Frame frame)
    {
        RawPicture picture;
        if (jpeg is null)
        {
            if (!V4l2RawFrame.TryRead(format, node, frame, out picture))
                return false;
        }
        else if (!jpeg.TryDecode(node.Bytes(frame), format.Width, format.Height, out picture))
        {
            _wrong = jpeg.Fault;
            return false;
        }

        _converter.Write(picture, encoders.Main);
        return true;
    }
}
