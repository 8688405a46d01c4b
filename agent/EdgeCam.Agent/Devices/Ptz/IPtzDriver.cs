using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>Speaks to one head. Touched by the device loop alone; nothing of it waits.</summary>
internal interface IPtzDriver
{
    /// <summary>As its scheme is written: <c>pelco-d</c>.</summary>
    string Name { get; }

    PtzDriverTraits Traits { get; }

    /// <summary>The head may be moved.</summary>
    bool IsReady { get; }

    /// <summary>Why it is not ready; null: it is being started.</summary>
    DeviceFault? Fault { get; }

    /// <summary>To be called once, before anything else.</summary>
    void Attach(IPtzDriverObserver observer);

    /// <summary>Each 20 ms, before <see cref="Follow"/>.</summary>
    void Tick(Instant now);

    /// <summary>What each axis shall do now: by velocity units in a second, otherwise the position in units. Null: leave it alone.</summary>
    /// <param name="isUrgent">An axis stops: it must not wait for its turn on the line.</param>
    void Follow(in PtzVector demand, bool isUrgent, Instant now);

    /// <summary>Hands a move over to a head that finds its way itself and tells where it is.</summary>
    /// <param name="targets">In units.</param>
    /// <param name="speed">A fraction of the top speed.</param>
    /// <returns>False where it is to be led there by <see cref="Follow"/>.</returns>
    bool TryGoTo(in PtzVector targets, double speed, Instant now);

    /// <summary>By velocity: units in a second that the head has been told last.</summary>
    double Applied(PtzAxis axis);

    /// <summary>Everything stands still, at once and whatever else was to be said.</summary>
    void Stop(Instant now);
}
