using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.Agent.Streaming;

/// <summary>
/// One camera's stream: numbers and packetizes each picture once, keeps the latest group of pictures, and lends both to whoever
/// receives. It waits for nobody.
/// </summary>
/// <param name="name">The camera's name, as viewers ask for it.</param>
/// <param name="limits">What its encoders may be set to.</param>
/// <param name="substream">The same camera's smaller picture, for viewers whose network is too slow for this one; null where there is none.</param>
internal sealed class LiveStream(string name, Func<Instant> clock, BitrateLimits? limits = null, LiveStream? substream = null) : IAccessUnitSink
{
    private static readonly TimeSpan s_keyFrameInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new(); // held for a few list operations, once a picture or a join
    private readonly GroupOfPictures _latest = new();
    private IFrameReceiver[] _receivers = [];
    private volatile BitrateLimits _limits = limits ?? new(2_000_000, 2_000_000, 0);
    private volatile BitrateLimits _limitsAlone = (limits ?? new(2_000_000, 2_000_000, 0)) with { MostSubstream = 0 }; // while the source gives no substream
    private ICameraSource? _source;
    private long _pictures;
    private long _keyFrames;
    private Instant _nextKeyFrameRequest;
    private bool _isKeyFrameDue;
    private long _keyFrameRequests;
    private long _bitrate;
    private long _bytes;
    private Instant _bytesSince;

    public string Name { get; } = name;

    public LiveStream? Substream { get; } = substream;

    /// <summary>
    /// Between which bitrates the encoders are set; may be changed, from any thread, but for whether there is a substream. Whether the source
    /// gives that shows while it gives pictures: until then, and while it is away, it counts as there.
    /// </summary>
    public BitrateLimits Limits => IsLive && _source is { GivesSubstream: false } ? _limitsAlone : _limits;

    /// <summary>False where there is no substream, or the source turned out to give none.</summary>
    public bool HasSubstream => Substream is not null && Limits.HasSubstream;

    /// <summary>Bits per second, measured over the last second or two.</summary>
    public long Bitrate => Volatile.Read(ref _bitrate);

    /// <summary>From the sensor to here: what capturing and encoding take.</summary>
    public DelayHistogram EncodeDelay { get; } = new();

    public CameraState State { get; private set; } = CameraState.Starting;

    /// <summary>For people: what happened to the camera and what to do; empty when live.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>Pictures flow.</summary>
    public bool IsLive => State == CameraState.Live;

    /// <summary>No picture is to be expected before something changes at the camera.</summary>
    public bool IsAway => State is CameraState.Lost or CameraState.Refused;

    /// <summary>What the encoder sends, or null before the first picture.</summary>
    public StreamInfo? Info { get; private set; }

    /// <summary>Raised by the camera's loop when state or stream information changed.</summary>
    public event Action<LiveStream>? Changed;

    /// <summary>Pictures since the start.</summary>
    public long Pictures => Volatile.Read(ref _pictures);

    /// <summary>IDR pictures since the start.</summary>
    public long KeyFrames => Volatile.Read(ref _keyFrames);

    /// <summary>Key-frame requests that the source took.</summary>
    public long KeyFrameRequests => Volatile.Read(ref _keyFrameRequests);

    /// <summary>True where the encoder follows <see cref="SetBitrate"/>.</summary>
    public bool HasLiveBitrate => _source?.HasLiveBitrate == true;

    /// <summary>Runs the source, and its substream beside it, until it is stopped.</summary>
    public async Task RunAsync(ICameraSource source, CancellationToken stop)
    {
        lock (_gate)
        {
            _source = source;
            source.SetWanted(_receivers.Length > 0);
        }

        using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var beside = Substream is not null && source.Substream is { } smaller ? Substream.RunAsync(smaller, scope.Token) : Task.CompletedTask;
        try
        {
            await source.RunAsync(this, stop);
            await scope.CancelAsync();
            await beside;
        }
        finally
        {
            lock (_gate)
                _latest.Clear();
        }
    }

    public void OnAccessUnit(AccessUnit unit)
    {
        unit.Number = _pictures;
        H264Packetizer.Packetize(unit, RtpLimits.MaxPayload);
        var now = clock();
        EncodeDelay.Add(now - unit.CaptureTime);
        Measure(unit.PayloadBytes, now);
        IFrameReceiver[] receivers;
        bool isKeyFrameDue;
        lock (_gate)
        {
            Volatile.Write(ref _pictures, _pictures + 1);
            if (unit.IsIdr)
                Volatile.Write(ref _keyFrames, _keyFrames + 1);
            _latest.Add(unit);
            receivers = _receivers;
            _isKeyFrameDue &= !unit.IsIdr;
            isKeyFrameDue = _isKeyFrameDue && now >= _nextKeyFrameRequest;
        }

        if (isKeyFrameDue)
            RequestKeyFrame();

        foreach (var receiver in receivers)
            receiver.Offer(this, unit);
    }

    public void OnStreamInfo(StreamInfo info)
    {
        Info = info;
        Changed?.Invoke(this);
    }

    public void OnStateChanged(CameraState state, string detail)
    {
        State = state;
        Detail = detail;
        if (state != CameraState.Live)
        {
            lock (_gate)
                _latest.Clear(); // a picture from before the break would look live and is not
        }

        Changed?.Invoke(this);
    }

    public void Subscribe(IFrameReceiver receiver)
    {
        lock (_gate)
        {
            _receivers = [.. _receivers, receiver];
            _source?.SetWanted(true);
        }
    }

    public void Unsubscribe(IFrameReceiver receiver)
    {
        lock (_gate)
        {
            _receivers = [.. _receivers.Where(other => other != receiver)];
            _source?.SetWanted(_receivers.Length > 0);
        }
    }

    /// <summary>Lends the latest group of pictures, oldest first; the caller disposes each.</summary>
    public void CopyLatestTo(List<AccessUnit> destination)
    {
        lock (_gate)
            _latest.CopyTo(destination);
    }

    /// <summary>
    /// Passes at most one request a second to the source, however many viewers ask. One that comes earlier is passed on when the second is
    /// over, unless an IDR picture has come by then.
    /// </summary>
    /// <returns>False where none was passed now.</returns>
    public bool RequestKeyFrame()
    {
        lock (_gate)
        {
            var now = clock();
            _isKeyFrameDue = now < _nextKeyFrameRequest;
            if (_isKeyFrameDue)
                return false;
            _nextKeyFrameRequest = now + s_keyFrameInterval;
        }

        if (_source?.RequestKeyFrame() != true)
            return false;
        Interlocked.Increment(ref _keyFrameRequests); // viewers' loops and the camera's
        return true;
    }

    /// <summary>Changes the running encoder's bitrate; without effect where <see cref="HasLiveBitrate"/> is false.</summary>
    public void SetBitrate(long bitsPerSecond) => _source?.SetBitrate(bitsPerSecond);

    /// <summary>Sets other limits, from any thread. The encoders go to the upper ones at once, until viewers' networks are looked at again.</summary>
    public void SetLimits(BitrateLimits limits)
    {
        if (limits == _limits)
            return;
        _limits = limits;
        _limitsAlone = limits with { MostSubstream = 0 };
        if (!HasLiveBitrate)
            return;
        SetBitrate(limits.MostMain);
        Substream?.SetBitrate(limits.MostSubstream);
    }

    /// <summary>Says what became of the camera between two sources.</summary>
    public void SetStarting() => OnStateChanged(CameraState.Starting, "");

    private void Measure(int bytes, Instant now)
    {
        var elapsed = now - _bytesSince;
        if (elapsed >= s_measured)
        {
            Volatile.Write(ref _bitrate, (long)(_bytes * 8 / elapsed.TotalSeconds));
            (_bytes, _bytesSince) = (0, now);
        }

        _bytes += bytes;
    }
}
