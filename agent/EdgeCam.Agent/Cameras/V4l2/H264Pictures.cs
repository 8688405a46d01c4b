using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>
/// A node's own H.264: each filled buffer becomes an access unit, copied once, from the driver's buffer into the unit's block. It begins
/// with the first IDR picture that has SPS and PPS.
/// </summary>
internal sealed class H264Pictures : IV4l2Pictures
{
    private const int Hopeless = 100; // buffers without a start code, from the beginning

    private static readonly TimeSpan s_keyFrameInterval = TimeSpan.FromSeconds(1);

    private readonly CameraOptions _options;
    private readonly string _path;
    private readonly IV4l2Node _node;
    private readonly EncoderControl _control;
    private readonly CameraFeed _feed;
    private readonly DropCounters _drops;
    private readonly ILogger _log;
    private readonly PictureReader _reader;
    private readonly V4l2Control? _bitrate;
    private long _bitsPerSecond;
    private Instant _lastPicture;
    private Instant _nextKeyFrameRequest;
    private long _cut;
    private int _nonsense;
    private bool _isAnnexB;
    private bool _endsPictures = true;
    private bool _isKeyFrameDue = true;

    /// <param name="node">Started: which controls can be set while it runs is known then.</param>
    public H264Pictures(
        CameraOptions options, string path, IV4l2Node node, V4l2Choice choice, EncoderControl control, CameraFeed feed, AccessUnitPool pool, Instant now, DropCounters drops, ILogger log)
    {
        (_options, _path, _node, _control, _feed, _drops, _log) = (options, path, node, control, feed, drops, log);
        _reader = new(pool);
        CanForceKeyFrame = choice.CanForceKeyFrame;
        _bitrate = node.FindControl(V4l2Control.Bitrate);
        HasLiveBitrate = _bitrate is not null;
        _bitsPerSecond = options.Bitrate; // as it was set up
        _lastPicture = _nextKeyFrameRequest = now;
    }

    public long Pictures { get; private set; }

    public bool TakesLatestOnly => false;

    public bool HasLiveBitrate { get; private set; }

    public bool CanForceKeyFrame { get; private set; }

    /// <summary>Key frames for viewers, after damage, and until there is a first picture; once a second at most.</summary>
    public void Prepare(Instant now)
    {
        SetBitrate();
        _isKeyFrameDue |= _control.TryTakeKeyFrameRequest();
        if (!CanForceKeyFrame || !(_isKeyFrameDue || Pictures == 0) || now < _nextKeyFrameRequest)
            return;
        _nextKeyFrameRequest = now + s_keyFrameInterval;
        _isKeyFrameDue = false;
        CanForceKeyFrame = TrySet(V4l2Control.ForceKeyFrame, 1);
    }

    public void Read(in V4l2Frame frame, Instant capturedAt, Instant now)
    {
        var nalUnits = new AnnexBSpan(_node.Bytes(frame));
        if (nalUnits.SkippedBytes > 0)
            _drops.Count(Stage.Capture, DropReason.Malformed);
        _isAnnexB |= nalUnits.SkippedBytes < frame.Length;
        _nonsense += _isAnnexB ? 0 : 1;

        while (_reader.TryRead(ref nalUnits, capturedAt, _endsPictures) is { } unit)
        {
            using (unit)
                _feed.Give(unit, _reader);
            _lastPicture = now;
            Pictures++;
        }

        if (_reader.PrematureFlushes == _cut)
            return;
        _cut = _reader.PrematureFlushes;
        if (_endsPictures)
            _log.PicturesInPieces(_options.Name);
        _endsPictures = false;
    }

    public void HandleGap() => _isKeyFrameDue = true;

    public V4l2Ending? Judge(Instant now, TimeSpan patience)
    {
        if (_reader.Fault is { } fault)
            return new(fault, IsRefusal: true);
        if (_nonsense >= Hopeless)
            return V4l2Faults.NotH264(_path);
        if (_isAnnexB && now - _lastPicture > patience)
            _feed.Lose(V4l2Faults.NoKeyFrame(_path).Detail); // goes on: the next one may come
        return null;
    }

    public void Dispose() => _reader.Dispose();

    private void SetBitrate()
    {
        var wanted = _control.Bitrate;
        if (!HasLiveBitrate || wanted == _bitsPerSecond)
            return;
        _bitsPerSecond = wanted;
        HasLiveBitrate = TrySet(V4l2Control.Bitrate, _bitrate!.Value.Clamp((int)wanted));
    }

    /// <returns>False where the control is listed and yet not to be used: the pictures are worth more.</returns>
    private bool TrySet(uint id, int value)
    {
        try
        {
            _node.SetControl(id, value);
            return true;
        }
        catch (V4l2Exception failure) when (failure.Error is V4l2Exception.Invalid or V4l2Exception.Busy or V4l2Exception.NoAccess)
        {
            return false;
        }
    }
}
