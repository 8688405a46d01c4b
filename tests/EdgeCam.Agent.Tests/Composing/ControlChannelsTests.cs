using System.Text;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Composing;

/// <summary>A viewer's data channels: one of each, and nothing by the fast one without the other.</summary>
public sealed class ControlChannelsTests : IDisposable
{
    private const string Fast = """{"jsonrpc":"2.0","method":"ptz.alive"}""";

    private readonly ManualTime _time = new();
    private readonly DropCounters _drops = new();
    private readonly LoopInbox _inbox = new(new());
    private readonly List<string> _done = [];
    private readonly TaskCompletionSource<ControlError?> _answer = new();
    private readonly ControlAudience _audience = new();
    private readonly ControlChannels _channels;
    private ushort _channelCount;

    public ControlChannelsTests()
    {
        ControlMethod[] methods =
        [
            new("ptz.alive", AccessScope.View, "", [], call =>
            {
                _done.Add(call.Caller.Origin.ToString());
                return ValueTask.FromResult<ControlError?>(null);
            }, IsFast: true),
            new("slow", AccessScope.View, "", [], _ => new(_answer.Task)),
        ];
        var access = new ViewerAccess();
        access.Set("alice", AccessGrant.Open("Alice"));
        access.Set("bob", AccessGrant.Open("Bob"));
        _audience.Left += viewer => _done.Add($"{viewer} left");
        _channels = new(new(new(new(methods), _time, _drops, NullLogger<ControlDispatcher>.Instance), _audience, access, new([]), _time), _drops);
    }

    public void Dispose()
    {
        _inbox.Dispose();
        _drops.Dispose();
    }

    [Fact]
    public void When_control_closes_what_waits_by_the_fast_channel_is_forgotten_before_the_viewer_has_left()
    {
        var control = Open(ControlDispatcher.Channel);
        var fast = Open(ControlDispatcher.FastChannel);
        Say(fast, Fast);
        Say(fast, Fast);
        _channels.OnClosed(control);
        _time.Advance(TimeSpan.FromSeconds(1));
        Say(fast, Fast);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["ControlFast", "alice left"], _done);
        Assert.False(_channels.Bounds(fast));

        Open(ControlDispatcher.Channel);
        Say(fast, Fast);
        Assert.Equal(["ControlFast", "alice left", "ControlFast"], _done);
    }

    [Fact]
    public void By_a_fast_channel_alone_nothing_is_taken_and_its_messages_count_to_what_the_viewer_may_send()
    {
        var fast = Open(ControlDispatcher.FastChannel);
        Assert.False(_channels.Bounds(fast));
        Say(fast, Fast);
        Assert.Empty(_done);
        Assert.Equal(1, _drops[Stage.Control, DropReason.Unsupported]);
        Open(ControlDispatcher.Channel);
        Assert.True(_channels.Bounds(fast));
        _channels.OnClosed(fast);
        Assert.Empty(_done);
    }

    [Fact]
    public void A_second_channel_of_a_label_is_ignored_and_counted()
    {
        var control = Open(ControlDispatcher.Channel);
        var fast = Open(ControlDispatcher.FastChannel);
        ViewerChannel[] more = [Open(ControlDispatcher.Channel), Open(ControlDispatcher.FastChannel), Open("chat")];
        Assert.Equal(2, _drops[Stage.Control, DropReason.TooMany]);
        foreach (var channel in more)
        {
            Assert.False(_channels.Bounds(channel));
            Say(channel, Fast);
            _channels.OnRefused(channel);
            _channels.OnClosed(channel);
        }

        Assert.Empty(_done);
        Assert.False(_inbox.TryTakeOrder(out _));
        Say(control, Fast);
        Say(fast, Fast);
        _channels.OnClosed(control);
        Assert.Equal(["Control", "ControlFast", "alice left"], _done);
    }

    [Fact]
    public async Task Requests_under_way_are_counted_for_each_viewer_and_each_of_a_batch_is_one()
    {
        var alice = Open(ControlDispatcher.Channel);
        var bob = Open(ControlDispatcher.Channel, "bob");
        var batch = $"[{string.Join(',', Enumerable.Range(1, 32).Select(id => $$"""{"jsonrpc":"2.0","method":"slow","id":{{id}}}"""))}]";
        Say(alice, batch);
        Say(alice, batch);
        Assert.Equal(0, _drops[Stage.Control, DropReason.RateLimited]);
        Say(alice, Fast);
        Assert.Equal(1, _drops[Stage.Control, DropReason.RateLimited]);
        Assert.Empty(_done);
        Say(bob, Fast);
        Assert.Single(_done);

        _answer.SetResult(null);
        await _channels.FinishAsync();
        Say(alice, Fast);
        Assert.Equal(2, _done.Count);
    }

    private ViewerChannel Open(string label, string viewer = "alice")
    {
        var channel = new ViewerChannel(viewer, static () => "cam0", _channelCount++, label, ControlDispatcher.Protocol, static _ => null, _inbox);
        _channels.OnOpened(channel);
        return channel;
    }

    private void Say(ViewerChannel channel, string message) => _channels.OnMessage(channel, Encoding.UTF8.GetBytes(message), isText: true);
}
