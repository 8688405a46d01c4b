using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Peers;

/// <summary>Brings what a loop counted to where all drops are counted, logged and measured.</summary>
internal sealed class LoopDrops(PeerLoopStatistics statistics, DropCounters drops)
{
    private long _unknown, _pictures, _orders, _faults, _messages, _refused, _relays;

    /// <summary>What was dropped since the last time.</summary>
    public void Count()
    {
        Count(Stage.FeedBack, DropReason.UnknownViewer, statistics.UnknownDatagrams, ref _unknown);
        Count(Stage.FanOut, DropReason.QueueFull, Interlocked.Read(ref statistics.DroppedPictures), ref _pictures);
        Count(Stage.Signaling, DropReason.QueueFull, Interlocked.Read(ref statistics.DroppedOrders), ref _orders);
        Count(Stage.Route, DropReason.Fault, statistics.Faults, ref _faults);
        Count(Stage.Control, DropReason.SlowReceiver, statistics.DroppedMessages, ref _messages);
        Count(Stage.Send, DropReason.Unsendable, statistics.DatagramsRefused, ref _refused);
        Count(Stage.Route, DropReason.QueueFull, statistics.DroppedAtRelays, ref _relays);
    }

    private void Count(Stage stage, DropReason reason, long total, ref long counted)
    {
        drops.Count(stage, reason, total - counted);
        counted = total;
    }
}
