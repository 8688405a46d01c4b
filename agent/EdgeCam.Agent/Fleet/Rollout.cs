namespace EdgeCam.Agent.Fleet;

/// <summary>Which device is next: so many at once, and no further one after so many failures. Used by one thread.</summary>
/// <param name="parallel">At most so many are under way.</param>
/// <param name="stopAfter">After so many failures none is begun any more; what is under way comes to its end.</param>
internal sealed class Rollout(IEnumerable<string> devices, int parallel, int stopAfter)
{
    private readonly Queue<string> _waiting = new(devices);
    private int _underWay;

    public int Failures { get; private set; }

    public bool IsStopped => Failures >= stopAfter;

    /// <summary>Those that were never begun.</summary>
    public IReadOnlyCollection<string> Left => _waiting;

    public bool TryBegin(out string device)
    {
        device = "";
        if (IsStopped || _underWay >= parallel || !_waiting.TryDequeue(out var next))
            return false;
        _underWay++;
        device = next;
        return true;
    }

    public void End(bool isGood)
    {
        _underWay--;
        Failures += isGood ? 0 : 1;
    }
}
