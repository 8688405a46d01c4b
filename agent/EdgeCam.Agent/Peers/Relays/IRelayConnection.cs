using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>A connection to a TURN server that is not the media port: its own tasks read and write it, the loop hands over and takes messages.</summary>
internal interface IRelayConnection : IDisposable
{
    /// <summary>From where to where, for the log.</summary>
    NetworkPath Path { get; }

    /// <summary>Whether lost messages are repeated by the connection itself.</summary>
    bool IsStream { get; }

    /// <summary>True once nothing comes or goes any more.</summary>
    bool HasEnded { get; }

    /// <summary>Messages that found a queue full, in either direction.</summary>
    long Dropped { get; }

    /// <summary>Takes a copy of the message. Policy: what finds the queue full is dropped, as a router would.</summary>
    bool TrySend(ReadOnlySpan<byte> message);

    /// <summary>The next message that came. The buffer goes back by <see cref="Return"/>.</summary>
    bool TryReceive(out byte[] buffer, out int length);

    void Return(byte[] buffer);

    Task RunAsync(CancellationToken stop);
}
