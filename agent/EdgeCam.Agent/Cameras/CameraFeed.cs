using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// What all sources have between themselves and their sink: pictures numbered without gaps across restarts, and the state told and logged
/// when it changes. A camera that is lost or refused stays so, through as many restarts as it takes, until a picture comes.
/// </summary>
internal sealed class CameraFeed(string camera, IAccessUnitSink sink, ILogger log)
{
    private const int Probation = 30; // pictures after a refusal: the fault may show only in the second or third

    private long _next;
    private int _sinceRefused;
    private string _detail = "";
    private StreamInfo? _info;

    public CameraState? State { get; private set; }

    public void Start() => Tell(CameraState.Starting, "");

    public void Give(AccessUnit unit, PictureReader reader)
    {
        if (State == CameraState.Refused && (++_sinceRefused < Probation || !unit.IsIdr))
            return;
        unit.Number = _next++;
        if (reader.NewInfo is { } info && info != _info)
        {
            _info = info;
            log.StreamFound(camera, info.Width, info.Height, info.Profile);
            sink.OnStreamInfo(info);
        }

        reader.NewInfo = null;

        if (State != CameraState.Live)
            Tell(CameraState.Live, "");
        sink.OnAccessUnit(unit);
    }

    public void Lose(string reason) => Tell(CameraState.Lost, reason);

    public void Refuse(string reason)
    {
        _sinceRefused = 0;
        Tell(CameraState.Refused, reason);
    }

    private void Tell(CameraState state, string detail)
    {
        if (state == State && detail == _detail)
            return;
        (State, _detail) = (state, detail);
        switch (state)
        {
            case CameraState.Starting: log.Starting(camera); break;
            case CameraState.Live: log.Live(camera); break;
            case CameraState.Lost: log.Lost(camera, detail); break;
            default: log.Refused(camera, detail); break;
        }

        sink.OnStateChanged(state, detail);
    }
}
