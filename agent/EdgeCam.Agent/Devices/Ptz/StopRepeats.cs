using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>
/// One stop on a serial line, which may lose it: told three times in short order, whatever is heard, and then each 100 ms until the head
/// acknowledges it, where it can.
/// </summary>
/// <param name="isAcknowledged">There is nothing to wait for.</param>
internal sealed class StopRepeats(Instant since, bool isAcknowledged)
{
    private const int Burst = 3;
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private int _sent;
    private Instant _sentAt;

    public bool IsAcknowledged { get; private set; } = isAcknowledged;

    /// <summary>It comes again soon, so that whoever asks for it need not be told once more.</summary>
    public bool IsJustTold(Instant now) => _sent is > 0 and < Burst && now - _sentAt < s_soon;

    public bool IsInBurst => _sent < Burst;

    public bool IsDue(Instant now) =>
        _sent == 0 || (IsInBurst ? now - _sentAt >= s_soon : !IsAcknowledged && now - since < s_patience && now - _sentAt >= s_again);

    /// <summary>Nobody acknowledged it, and it is not told any more.</summary>
    public bool IsInVain(Instant now) => !IsAcknowledged && now - since >= s_patience;

    public void Sent(Instant now) => (_sent, _sentAt) = (_sent + 1, now);

    public void Acknowledge() => IsAcknowledged = true;
}
