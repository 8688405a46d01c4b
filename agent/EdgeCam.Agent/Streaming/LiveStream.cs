using EdgeCam.Agent.Cameras;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.Agent.Streaming;

/// <summary>
/// One camera's stream: numbers and packetizes each picture once, keeps the latest group of pictures, and lends both to whoever
/// receives. It waits for nobody.
/// </summary>
/// <param name="name">The camera's name, as viewers ask for it.</param>
internal sealed class LiveStream(string name, Func<Instant> clock) : IAccessUnitSink
{
    private static readonly TimeSpan s_keyFrameInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new(); // held for a few list operations, once a picture or a join
    private readonly GroupOfPictures _latest = new();
    private IFrameReceiver[] _receivers = [];
    private ICameraSource? _source;
    private long _pictures;
    private Instant _nextKeyFrameRequest;

    public string Name { get; } = name;

    public CameraState State { get; private set; } = CameraState.Starting;

    /// <summary>For people: what happened to the camera and what to do; empty when live.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>What the encoder sends, or null before the first picture.</summary>
    public StreamInfo? Info { get; private set; }

    /// <summary>Raised by the camera's loop when state or stream information changed.</summary>
    public event Action<LiveStream>? Changed;

    /// <summary>Pictures since the start.</summary>
    public long Pictures => Volatile.Read(ref _pictures);

    /// <summary>Key-frame requests that the source took.</summary>
    public long KeyFrameRequests { get; private set; }

    /// <summary>Runs the source until it is stopped.</summary>
    public async Task RunAsync(ICameraSource source, CancellationToken stop)
    {
        _source = source;
        try
        {
            await source.RunAsync(this, stop);
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
        IFrameReceiver[] receivers;
        lock (_gate)
        {
            Volatile.Write(ref _pictures, _pictures + 1);
            _latest.Add(unit);
            receivers = _receivers;
        }

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
            _receivers = [.. _receivers, receiver];
    }

    public void Unsubscribe(IFrameReceiver receiver)
    {
        lock (_gate)
            _receivers = [.. _receivers.Where(other => other != receiver)];
    }

    /// <summary>Lends the latest group of pictures, oldest first; the caller disposes each.</summary>
    public void CopyLatestTo(List<AccessUnit> destination)
    {
        lock (_gate)
            _latest.CopyTo(destination);
    }

    /// <summary>Passes at most one request a second to the source, however many viewers ask. False where none was passed.</summary>
    public bool RequestKeyFrame()
    {
        lock (_gate)
        {
            var now = clock();
            if (now < _nextKeyFrameRequest)
                return false;
            _nextKeyFrameRequest = now + s_keyFrameInterval;
        }

        if (_source?.RequestKeyFrame() != true)
            return false;
        KeyFrameRequests++;
        return true;
    }
}
