using EdgeCam.Agent.Cameras.V4l2.M2m;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>What an encoder was given and owes.</summary>
public sealed class M2mLedgerTests
{
    private readonly M2mLedger _ledger = new();
    private Instant _now = new(TimeSpan.TicksPerHour);
    private long _microseconds = 1_000_000;

    public M2mLedgerTests() => _ledger.Start(_now);

    [Fact]
    public void An_access_unit_settles_all_pictures_up_to_its_own()
    {
        Give(5);
        _ledger.HandleUnit(1_000_003, _now);
        Assert.Equal(2, _ledger.Inside);
        _ledger.HandleUnit(1_000_003, _now); // its second slice
        Assert.Equal(2, _ledger.Inside);
    }

    [Fact]
    public void Without_times_each_access_unit_settles_one()
    {
        Give(3);
        _ledger.HandleUnit(0, _now);
        Assert.Equal(2, _ledger.Inside);
    }

    [Fact]
    public void It_is_bounded_and_allocates_nothing()
    {
        Give(1);
        _ledger.HandleUnit(_microseconds, _now);
        Assert.Equal(0, Allocated.By(() =>
        {
            Give(10_000);
            _ledger.HandleUnit(_microseconds - 3, _now);
            _ledger.HandleKeyAsked(_microseconds, _now);
            _ledger.HandleKey(_microseconds);
        }));
        Assert.Equal(3, _ledger.Inside);
        Give(1000);
        Assert.Equal(M2mLedger.Most, _ledger.Inside);
    }

    [Fact]
    public void Silence_lasts_two_seconds_and_room_alone_ten()
    {
        Give(1);
        Pass(1.9);
        Assert.False(_ledger.IsStuck(_now));
        _ledger.HandleRoom(_now);
        Pass(1.9);
        Assert.False(_ledger.IsStuck(_now));
        Pass(0.2);
        Assert.True(_ledger.IsStuck(_now));
        _ledger.HandleRoom(_now);
        Assert.False(_ledger.IsStuck(_now));
        for (var i = 0; i < 10; i++)
        {
            Pass(1.5);
            Give(1);
            _ledger.HandleRoom(_now);
        }

        Assert.True(_ledger.IsStuck(_now));
    }

    [Fact]
    public void A_camera_that_was_away_is_not_the_encoder_s_fault()
    {
        Give(1); // it is left out
        _ledger.HandleRoom(_now);
        Pass(20);
        Give(1);
        Assert.False(_ledger.IsStuck(_now));
        Pass(2.1);
        Assert.True(_ledger.IsStuck(_now));
    }

    [Fact]
    public void A_key_frame_from_before_the_request_does_not_answer_it()
    {
        _ledger.HandleKey(1_000_000); // the first one
        Give(5);
        _ledger.HandleKeyAsked(1_000_004, _now);
        _ledger.HandleKey(1_000_002);
        Pass(1);
        Assert.True(_ledger.IsKeyOverdue(_now));
        _ledger.HandleKey(1_000_004);
        Assert.False(_ledger.IsKeyOverdue(_now));
    }

    private void Give(int count)
    {
        for (var i = 0; i < count; i++)
            _ledger.Give(++_microseconds, _now);
    }

    private void Pass(double seconds) => _now += TimeSpan.FromSeconds(seconds);
}
