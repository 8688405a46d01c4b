using System.Diagnostics.CodeAnalysis;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>
/// What the agent has to say. Policy: 64 answers, of which the oldest goes where there are more; 64 events, of which the newest is dropped; of a state the newest.
/// What is older than its use is dropped, too. All of these are counted.
/// </summary>
internal sealed class AgentOutbox
{
    private const int Most = 64;

    private readonly List<AgentMessage> _waiting = []; // hardly ever more than two

    /// <summary>Messages dropped.</summary>
    public int GivenUp { get; private set; }

    public void Add(AgentMessage message)
    {
        if (message.Kind == AgentMessageKind.State)
        {
            _waiting.RemoveAll(other => other.Topic == message.Topic && other.Kind == AgentMessageKind.State);
        }
        else if (_waiting.Count(other => other.Kind == message.Kind) >= Most)
        {
            GivenUp++;
            if (message.Kind == AgentMessageKind.Event)
                return;
            _waiting.RemoveAt(_waiting.FindIndex(static other => other.Kind == AgentMessageKind.Answer));
        }

        _waiting.Add(message);
    }

    /// <summary>The connection ended before they were acknowledged: once more on the next one. States are told anew anyway.</summary>
    public void Return(IEnumerable<AgentMessage> messages) => _waiting.InsertRange(0, messages.Where(static message => message.Kind != AgentMessageKind.State));

    /// <param name="left">Of its time; null: it does not end.</param>
    public bool TryTake(TimeSpan now, [NotNullWhen(true)] out AgentMessage? message, out TimeSpan? left)
    {
        while (_waiting.Count > 0)
        {
            message = _waiting.MinBy(static message => message.Kind)!; // the first of equals
            _waiting.Remove(message);
            left = message.Expiry == TimeSpan.Zero ? null : message.Expiry - (now - message.QueuedAt);
            if (left is null || left > TimeSpan.Zero)
                return true;
            GivenUp++;
        }

        (message, left) = (null, null);
        return false;
    }
}
