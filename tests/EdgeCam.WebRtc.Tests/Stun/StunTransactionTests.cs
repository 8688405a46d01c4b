using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Tests.Stun;

public sealed class StunTransactionTests
{
    private static readonly Instant s_start = new(TimeSpan.TicksPerHour);

    [Fact]
    public void An_unanswered_request_follows_the_rfcs_schedule()
    {
        var transaction = new StunTransaction(new(1, 2), StunTransaction.DefaultInitialTimeout);
        var sentAt = new List<double>();
        var now = s_start;
        while (!transaction.HasFailed(now))
        {
            if (transaction.IsSendDue(now))
            {
                transaction.HandleSent(now);
                sentAt.Add((now - s_start).TotalMilliseconds);
            }

            now = transaction.NextTimeout;
        }

        Assert.Equal([0, 500, 1500, 3500, 7500, 15500, 31500], sentAt); // RFC 8489 §6.2.1
        Assert.Equal(39500, (now - s_start).TotalMilliseconds);
    }

    [Fact]
    public void The_round_trip_is_measured_by_requests_sent_once()
    {
        var transaction = new StunTransaction(new(1, 2), StunTransaction.DefaultInitialTimeout);
        transaction.HandleSent(s_start);
        Assert.Equal(TimeSpan.FromMilliseconds(80), transaction.RoundTripTime(s_start + TimeSpan.FromMilliseconds(80)));
        transaction.SendAgain();
        transaction.HandleSent(s_start + TimeSpan.FromMilliseconds(100));
        Assert.Null(transaction.RoundTripTime(s_start + TimeSpan.FromMilliseconds(110)));
    }
}
