using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Security;

/// <summary>The wall clock is set while somebody watches: by NTP after the boot, by a year either way by whom it may.</summary>
public sealed class ClockJumpTests : IDisposable
{
    private const string Session = "session-0001";
    private const string Fingerprint = "sha-256 AB:CD";

    private static readonly TimeSpan s_year = TimeSpan.FromDays(365);

    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly DeviceKeys _keys = DeviceKeys.CreateForThisRun();
    private readonly ViewerAccess _viewers = new();
    private readonly TokenForge _forge;
    private readonly AccessPolicy _policy;
    private readonly List<string> _ended = [];
    private readonly AccessWatch _watch;

    public ClockJumpTests()
    {
        _forge = new(_keys.Signing, _time);
        _policy = new(AccessMode.Tokens, "dev", _keys.Signing, _time);
        _watch = new(_viewers, new(), _ended.Add, _time);
    }

    public void Dispose()
    {
        _policy.Dispose();
        _forge.Dispose();
        _keys.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void What_was_accepted_lasts_as_long_as_it_was_good_for_and_no_longer(int years)
    {
        _viewers.Set("alice", Admit()!, Fingerprint);

        _time.JumpWallClock(s_year * years);
        _watch.Sweep();
        _time.Advance(TimeSpan.FromMinutes(59));
        _watch.Sweep();
        Assert.Empty(_ended);
        Assert.Equal(TimeSpan.FromMinutes(1), _viewers.Of("alice").Expires!.Value.Left(_time));

        _time.Advance(TimeSpan.FromMinutes(1));
        _watch.Sweep();
        Assert.Equal(["alice"], _ended);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_session_is_renewed_by_the_clock_as_it_goes_now(int years)
    {
        var grant = Admit()!;
        _time.JumpWallClock(s_year * years);

        var renewal = _policy.AdmitRenewal("Ann", Session, Fingerprint, _forge.Offer(Session, Fingerprint, purpose: "edgecam-renew-v1"), wasBound: true);

        Assert.Equal(TimeSpan.FromHours(1), renewal.Grant!.Expires!.Value.Left(_time));
        Assert.Equal(grant.Holder, renewal.Grant.Holder);
    }

    [Fact]
    public void A_proof_that_was_used_does_not_become_good_again_with_a_clock_that_is_put_back()
    {
        var seen = _forge.Offer(Session, Fingerprint);
        Assert.NotNull(_policy.AdmitOffer("alice", Session, Fingerprint, seen).Grant);

        _time.Advance(TimeSpan.FromMinutes(30)); // its time is long over
        Assert.Equal(AccessRefusal.StaleProof, _policy.AdmitOffer("alice", Session, Fingerprint, seen).Refusal);
        _time.JumpWallClock(TimeSpan.FromMinutes(-30));
        Assert.NotNull(Admit()); // as good as ever
        Assert.Equal(AccessRefusal.Replayed, _policy.AdmitOffer("alice", Session, Fingerprint, seen).Refusal);
    }

    [Fact]
    public void Of_what_came_before_no_more_is_kept_than_there_is_room_for()
    {
        var window = new ReplayWindow(_time, capacity: 40_000, share: 1);
        for (var i = 0; i < 20_000; i++)
            Assert.Equal(AccessRefusal.None, window.Take("holder", $"proof {i}"));
        _time.Advance(ReplayWindow.Memory);

        Assert.Equal(AccessRefusal.None, window.Take("holder", "proof 0")); // the oldest are forgotten
        Assert.Equal(AccessRefusal.Replayed, window.Take("holder", "proof 19999"));
        Assert.Equal(1, window.Count);
    }

    [Fact]
    public void Nobody_is_let_in_before_the_clock_is_set_and_everybody_after()
    {
        var boot = new ManualTime();
        using var policy = new AccessPolicy(AccessMode.Tokens, "dev", _keys.Signing, boot);
        var refused = policy.AdmitOffer("alice", Session, Fingerprint, _forge.Offer(Session, Fingerprint));
        Assert.Equal((AccessRefusal.ClockNotSet, 503), (refused.Refusal, refused.Code));
        Assert.Matches(@"^the device's clock is not set \(\d{4}-\d{2}-\d{2}\); it waits for time", refused.Message);

        boot.JumpWallClock(_time.GetUtcNow() - boot.GetUtcNow()); // NTP

        Assert.NotNull(policy.AdmitOffer("alice", Session, Fingerprint, _forge.Offer(Session, Fingerprint)).Grant);
        Assert.True(DeviceClock.IsSet(boot));
    }

    private AccessGrant? Admit() => _policy.AdmitOffer("alice", Session, Fingerprint, _forge.Offer(Session, Fingerprint)).Grant;
}
