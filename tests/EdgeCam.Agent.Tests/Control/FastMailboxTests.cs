using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Control;

/// <summary>Of what comes by the fast channel, the newest counts.</summary>
public sealed class FastMailboxTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly DropCounters _drops = new();
    private readonly List<byte> _taken = [];
    private readonly FastMailbox _mailbox;

    public FastMailboxTests() => _mailbox = new(message => _taken.Add(message[0]), _time, _drops);

    public void Dispose()
    {
        _mailbox.Dispose();
        _drops.Dispose();
    }

    [Fact]
    public void The_first_is_taken_at_once_and_of_a_flood_the_newest_each_20_ms()
    {
        for (byte i = 0; i < 200; i++)
        {
            _mailbox.Offer([i]);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(0, _taken[0]);
        Assert.InRange(_taken.Count, 10, 11);
        Assert.Equal(_taken.Order(), _taken);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(199, _taken[^1]); // the last word, whenever it came
        Assert.Equal(200 - _taken.Count, _drops[Stage.Control, DropReason.Superseded]);
    }

    [Fact]
    public void After_a_rest_the_next_one_need_not_wait()
    {
        _mailbox.Offer([1]);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        _mailbox.Offer([2]);
        Assert.Equal([1, 2], _taken);
    }

    [Fact]
    public void What_waits_when_it_closes_is_not_taken()
    {
        _mailbox.Offer([1]);
        _mailbox.Offer([2]);
        _mailbox.Dispose();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1], _taken);
    }
}
