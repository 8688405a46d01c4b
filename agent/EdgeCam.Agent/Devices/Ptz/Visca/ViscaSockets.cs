using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz.Visca;

/// <summary>
/// The commands that a head has not acknowledged yet, and those under way: it has two sockets for them, so no more than two are outstanding.
/// It acknowledges in the order in which it was told.
/// </summary>
internal sealed class ViscaSockets
{
    private const int MaxUnacknowledged = 16; // stops are sent whatever is outstanding
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30); // a completion may have been lost

    private readonly Queue<(bool IsStop, Instant At)> _sent = new();
    private readonly Instant?[] _busySince = new Instant?[ViscaPacket.Sockets + 1];

    public bool IsFree => _sent.Count + Busy.Count() < ViscaPacket.Sockets;

    /// <summary>Those in which a command is under way.</summary>
    public IEnumerable<int> Busy => Enumerable.Range(1, ViscaPacket.Sockets).Where(socket => _busySince[socket] is not null);

    public void Send(bool isStop, Instant now)
    {
        if (_sent.Count < MaxUnacknowledged)
            _sent.Enqueue((isStop, now));
    }

    /// <returns>Whether the command that it is about is not a stop.</returns>
    public bool Acknowledge(int socket, Instant now)
    {
        if (socket is > 0 and <= ViscaPacket.Sockets)
            _busySince[socket] = now;
        return _sent.TryDequeue(out var command) && !command.IsStop;
    }

    public void Free(int socket)
    {
        if (socket is > 0 and <= ViscaPacket.Sockets)
            _busySince[socket] = null;
    }

    /// <summary>The oldest command without an answer was refused.</summary>
    /// <returns>Null: there was none.</returns>
    public bool? Refuse() => _sent.TryDequeue(out var command) ? command.IsStop : null;

    /// <summary>Forgets what has waited too long.</summary>
    /// <returns>Whether a command was not acknowledged in time.</returns>
    public bool Expire(TimeSpan patience, Instant now)
    {
        foreach (var socket in Busy)
        {
            if (now - _busySince[socket]!.Value > s_longest)
                _busySince[socket] = null;
        }

        if (!_sent.TryPeek(out var oldest) || now - oldest.At < patience)
            return false;
        _sent.Clear();
        return true;
    }

    public void Clear()
    {
        _sent.Clear();
        Array.Clear(_busySince);
    }
}
