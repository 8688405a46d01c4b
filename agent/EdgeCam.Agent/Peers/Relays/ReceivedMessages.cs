using System.Buffers;
using System.Threading.Channels;
using EdgeCam.Agent.Peers.Interop;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>
/// What came from a TURN server and waits for the loop. Bound: 512 messages of a datagram's length; policy: what finds it full is dropped.
/// A message beyond any datagram of ours is dropped too.
/// </summary>
internal sealed class ReceivedMessages(WakeSignal wake)
{
    private const int MaxMessages = 512;
    private const int MaxLength = 2048;

    private readonly Channel<(byte[] Buffer, int Length)> _messages =
        Channel.CreateBounded<(byte[], int)>(new BoundedChannelOptions(MaxMessages) { SingleReader = true, SingleWriter = true });

    private long _dropped;

    public long Dropped => Interlocked.Read(ref _dropped);

    public void Offer(ReadOnlySpan<byte> message)
    {
        if (message.Length is 0 or > MaxLength)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(MaxLength);
        message.CopyTo(buffer);
        if (_messages.Writer.TryWrite((buffer, message.Length)))
            return;
        Interlocked.Increment(ref _dropped);
        Return(buffer);
    }

    /// <summary>Tells the loop that there may be something.</summary>
    public void Wake() => wake.Set();

    public bool TryTake(out byte[] buffer, out int length)
    {
        var taken = _messages.Reader.TryRead(out var message);
        (buffer, length) = taken ? message : ([], 0);
        return taken;
    }

    public static void Return(byte[] buffer) => ArrayPool<byte>.Shared.Return(buffer);
}
