using System.Threading.Channels;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>What other threads hand to a loop: orders in one queue, pictures in another, and a signal that wakes it.</summary>
/// <param name="trySend">Takes the pictures out and sends them at once, where the loop need not be woken for that.</param>
internal sealed class LoopInbox(PeerLoopStatistics statistics, Func<bool>? trySend = null) : IFrameReceiver, IDisposable
{
    private const int MaxPictures = 64;
    private const int MaxOrders = 4096;

    private readonly Channel<(LiveStream Stream, AccessUnit Unit)> _pictures =
        Channel.CreateBounded<(LiveStream, AccessUnit)>(new BoundedChannelOptions(MaxPictures) { SingleReader = true });

    private readonly Channel<LoopOrder> _orders =
        Channel.CreateBounded<LoopOrder>(new BoundedChannelOptions(MaxOrders) { SingleReader = true });

    /// <summary>What an offer is told that finds no place.</summary>
    public static OfferResult Busy { get; } = new(null, 503, "the agent is busy; try again in a few seconds");

    public WakeSignal Wake { get; } = new();

    /// <summary>Bound: 64 pictures; policy: a picture that finds it full is dropped, and the gap makes viewers resume at the next IDR picture.</summary>
    public void Offer(LiveStream stream, AccessUnit unit)
    {
        if (!_pictures.Writer.TryWrite((stream, unit.Retain())))
        {
            unit.Dispose();
            Interlocked.Increment(ref statistics.DroppedPictures);
        }

        if (trySend?.Invoke() != true)
            Wake.Set();
    }

    /// <summary>Bound: 4096 orders; policy: the newest is refused.</summary>
    public bool TryPost(LoopOrder order)
    {
        var taken = _orders.Writer.TryWrite(order);
        if (!taken)
            Interlocked.Increment(ref statistics.DroppedOrders);
        Wake.Set();
        return taken;
    }

    public bool TryTakePicture(out (LiveStream Stream, AccessUnit Unit) picture) => _pictures.Reader.TryRead(out picture);

    public bool TryTakeOrder([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out LoopOrder order) => _orders.Reader.TryRead(out order);

    /// <summary>The loop ends: nothing more is taken, and nobody waits for an answer that does not come.</summary>
    public void Close()
    {
        _pictures.Writer.TryComplete();
        _orders.Writer.TryComplete();
        while (TryTakePicture(out var picture))
            picture.Unit.Dispose();
        while (TryTakeOrder(out var order))
        {
            (order as LoopOrder.Offer)?.Result.TrySetResult(Busy);
            (order as LoopOrder.RestartIce)?.Result.TrySetResult(Busy);
            (order as LoopOrder.Output)?.Result.TrySetResult(Busy);
            (order as LoopOrder.Describe)?.Result.TrySetResult([]);
        }
    }

    public void Dispose()
    {
        Close();
        Wake.Dispose();
    }
}
