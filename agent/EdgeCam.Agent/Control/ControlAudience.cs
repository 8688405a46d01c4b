using System.Collections.Concurrent;

namespace EdgeCam.Agent.Control;

/// <summary>Everybody whose channel <c>control</c> is open, to be told what changes. Used from any thread.</summary>
internal sealed class ControlAudience
{
    private readonly ConcurrentDictionary<string, (Func<ControlCaller> Caller, Action<byte[]> Send)> _members = new(StringComparer.Ordinal);

    /// <summary>One has gone; called once for each, from any thread.</summary>
    public event Action<string>? Left;

    /// <summary>One watches another camera from now on; called from any thread, with its name.</summary>
    public event Action<string, string>? Turned;

    /// <param name="caller">Who it is, with what it may do at the time.</param>
    /// <param name="send">Never waits.</param>
    public void Join(string id, Func<ControlCaller> caller, Action<byte[]> send) => _members[id] = (caller, send);

    public void Leave(string id)
    {
        if (_members.TryRemove(id, out _))
            Left?.Invoke(id);
    }

    /// <summary>Tells that one watches another camera from now on.</summary>
    public void Turn(string id, string camera) => Turned?.Invoke(id, camera);

    /// <param name="message">Makes a notification for one of them; null: not for this one.</param>
    public void Notify(Func<ControlCaller, byte[]?> message)
    {
        foreach (var (caller, send) in _members.Values)
        {
            if (message(caller()) is { } bytes)
                send(bytes);
        }
    }

    /// <summary>Tells one of them; false where it is not there.</summary>
    public bool Tell(string id, byte[] message)
    {
        if (!_members.TryGetValue(id, out var member))
            return false;
        member.Send(message);
        return true;
    }
}
