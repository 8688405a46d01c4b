namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>Tells of each caller's commands which are older than one already seen: an unordered channel brings those, too.</summary>
/// <remarks>Bound: 256 callers; policy: the one that has been silent longest is forgotten.</remarks>
internal sealed class NewestWins
{
    private const int MaxCallers = 256;

    private readonly Dictionary<string, (long Newest, long Heard)> _callers = new(StringComparer.Ordinal);
    private long _heard;

    /// <param name="sequence">Null: the command has no number and is always taken.</param>
    public bool IsNew(string caller, long? sequence)
    {
        if (sequence is not { } number)
            return true;
        if (_callers.TryGetValue(caller, out var known) && number <= known.Newest)
            return false;
        if (_callers.Count >= MaxCallers && !_callers.ContainsKey(caller))
            _callers.Remove(_callers.MinBy(entry => entry.Value.Heard).Key);
        _callers[caller] = (number, ++_heard);
        return true;
    }

    public void Forget(string caller) => _callers.Remove(caller);
}
