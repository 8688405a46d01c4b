namespace EdgeCam.WebRtc.Sctp;

/// <summary>What an event that waits to be taken counts against the receiver window.</summary>
internal readonly record struct WindowShare(DataReceiver? Receiver, int Bytes)
{
    public void Release() => Receiver?.Release(Bytes);
}
