namespace EdgeCam.Agent.Peers;

/// <summary>What a loop counted since its start; read by any thread.</summary>
internal sealed class PeerLoopStatistics
{
    /// <summary>Viewers now, connected or connecting.</summary>
    public int Viewers;

    /// <summary>Datagrams that belong to no viewer.</summary>
    public long UnknownDatagrams;

    /// <summary>Pictures that the loop could not take because its inbox was full.</summary>
    public long DroppedPictures;

    /// <summary>Orders that found the inbox full.</summary>
    public long DroppedOrders;

    /// <summary>Viewers ended by a fault of our own.</summary>
    public long Faults;

    /// <summary>Messages to viewers that have gone or do not read.</summary>
    public long DroppedMessages;

    public long DatagramsSent;

    /// <summary>Datagrams that the kernel refused.</summary>
    public long DatagramsRefused;

    public long DatagramsReceived;

    /// <summary>Datagrams that found a relay's queue full, its connection slow or its permission refused.</summary>
    public long DroppedAtRelays;

    /// <summary>Bytes that the loop's thread took from the heap: constant while viewers watch and none comes or goes.</summary>
    public long AllocatedBytes;
}
