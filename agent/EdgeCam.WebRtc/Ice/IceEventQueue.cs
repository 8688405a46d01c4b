namespace EdgeCam.WebRtc.Ice;

/// <summary>Events that wait for the owner. Policy: the oldest goes when it is full.</summary>
internal sealed class IceEventQueue
{
    private const int Capacity = 32;

    private readonly Queue<IceEvent> _events = new();

    public void Offer(IceEvent iceEvent)
    {
        if (_events.Count == Capacity)
            _events.Dequeue();
        _events.Enqueue(iceEvent);
    }

    public bool TryGet(out IceEvent? iceEvent) => _events.TryDequeue(out iceEvent);
}
