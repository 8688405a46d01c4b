namespace EdgeCam.Agent.Mqtt;

/// <summary>What becomes of a message while the broker is away or slow. Each kind has room of its own, so that none pushes another out.</summary>
internal enum Queueing
{
    /// <summary>Somebody waits for it just now. Where there is no room the oldest goes: answers grow stale first.</summary>
    Answer,

    /// <summary>What happened, told in its order. Where there is no room the new one is dropped, so that the beginning of the story is kept.</summary>
    Keep,

    /// <summary>How something is. One for each topic: a newer one takes the place of the one that waits.</summary>
    Newest,
}
