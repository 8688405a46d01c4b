using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>A node's raw pictures, or JPEG ones, which are decoded first: each is brought from the driver's buffer to where the encoder takes it from, encoded, and given on.</summary>
internal sealed class RawPictures : IV4l2Pictures
{
    private const int Hopeless = 100; // pictures that are none, one after another

    private readonly string _path;
    private readonly IV4l2Node _node;
    private readonly V4l2Format _format;
    private readonly PictureConverter _converter;
    private readonly EncoderOutput _main;
    private readonly SubstreamOutput? _sub;
    private readonly PictureCutter? _cutter;
    private readonly JpegDecoder? _jpeg;
    private readonly DropCounters _drops;
    private int _bad; // in a row
    private string? _failure;
    private string? _wrong;

    /// <param name="main">It, and what follows, is disposed with this.</param>
    /// <param name="jpeg">Null: the pictures are raw.</param>
    public RawPictures(
        string path, IV4l2Node node, V4l2Format format, EncoderPlan plan, EncoderOutput main, SubstreamOutput? sub, PictureCutter? cutter, JpegDecoder? jpeg, DropCounters drops)
    {
        (_path, _node, _format, _main, _sub, _cutter, _jpeg, _drops) = (path, node, format, main, sub, cutter, jpeg, drops);
        _converter = new(plan.Main.Width, plan.Main.Height);
    }

    public long Pictures => _main.Pictures;

    public bool TakesLatestOnly => true;

    public bool HasLiveBitrate => true;

    public bool CanForceKeyFrame => true;

    /// <summary>Why the encoder cannot go on; null while it can.</summary>
    public string? EncoderFailure => _failure;

    public void Prepare(Instant now)
    {
    }

    public void Read(in V4l2Frame frame, Instant capturedAt, Instant now)
    {
        try
        {
            _main.Encoder.Begin();
            if (!TryWrite(frame))
            {
                _bad++;
                _drops.Count(Stage.Capture, DropReason.Damaged);
                return;
            }

            _bad = 0;
            _cutter?.Cut(_main.Encoder);
            _main.Encode(capturedAt);
            if (_main.Pictures > 0)
                _cutter?.Begin();
            _sub?.Take(_main, capturedAt);
        }
        catch (EncoderException failure)
        {
            _failure = failure.Message;
        }
    }

    public void HandleGap()
    {
    }

    public V4l2Ending? Judge(Instant now, TimeSpan patience) =>
        _failure is not null ? V4l2Faults.EncoderFailed(_failure)
        : (_main.Fault ?? _sub?.Fault) is { } fault ? new(fault, IsRefusal: true)
        : _bad >= Hopeless ? V4l2Faults.WrongPictures(_path, _format.FourCc, _wrong ?? "they are shorter than the format takes")
        : null;

    public void Dispose()
    {
        _jpeg?.Dispose();
        _cutter?.Dispose();
        _sub?.Dispose();
        _main.Dispose();
    }

    private bool TryWrite(in V4l2Frame frame)
    {
        RawPicture picture;
        if (_jpeg is null)
        {
            if (!V4l2RawFrame.TryRead(_format, _node, frame, out picture))
                return false;
        }
        else if (!_jpeg.TryDecode(_node.Bytes(frame), _format.Width, _format.Height, out picture))
        {
            _wrong = _jpeg.Fault;
            return false;
        }

        _converter.Write(picture, _main.Encoder);
        return true;
    }
}
