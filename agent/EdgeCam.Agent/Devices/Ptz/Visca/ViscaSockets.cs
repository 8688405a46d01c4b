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

    private readonly Queue<(StopRepeats? Stop, Instant At)> _sent = new();
    private readonly Instant?[] _busySince = new Instant?[ViscaPacket.Sockets + 1];

    public bool IsFree => _sent.Count + Busy.Count() < ViscaPacket.Sockets;

    /// <summary>Those in which a command is under way.</summary>
    public IEnumerable<int> Busy => Enumerable.Range(1, ViscaPacket.Sockets).Where(socket => _busySince[socket] is not null);

    /// <param name="stop">What it is a repetition of, where it is a stop.</param>
    public void Send(StopRepeats? stop, Instant now)
    {
        if (_sent.Count < MaxUnacknowledged)
            _sent.Enqueue((stop, now));
    }

    /// <summary>The oldest command without an answer was taken.</summary>
    /// <returns>False: there was none.</returns>
    public bool Acknowledge(int socket, Instant now, out StopRepeats? stop)
    {
        if (socket is > 0 and <= ViscaPacket.Sockets)
            _busySince[socket] = now;
        return TryTake(out stop);
    }

    public void Free(int socket)
    {
        if (socket is > 0 and <= ViscaPacket.Sockets)
            _busySince[socket] = null;
    }

    /// <summary>The oldest command without an answer was refused.</summary>
    /// <returns>False: there was none.</returns>
    public bool TryTake(out StopRepeats? stop)
    {
        var hasTaken = _sent.TryDequeue(out var command);
        stop = command.Stop;
        return hasTaken;
    }

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
