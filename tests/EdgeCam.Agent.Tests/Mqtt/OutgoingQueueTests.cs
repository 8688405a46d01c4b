using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Mqtt;

/// <summary>What waits for the broker: bounded by kind, counted where it is dropped, never sent late, never out of order.</summary>
public sealed class OutgoingQueueTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly ManualTime _time = new();
    private readonly DropCounters _drops = new();
    private readonly OutgoingQueue _queue;

    public OutgoingQueueTests() => _queue = new(_drops, _time);

    public void Dispose() => _drops.Dispose();

    [Fact]
    public void Of_answers_the_oldest_goes_of_events_the_newest_and_of_states_the_older()
    {
        for (var i = 0; i < 600; i++)
        {
            Add("answer", $"a{i}", Queueing.Answer);
            Add("event", $"e{i}", Queueing.Keep);
            Add("telemetry", $"t{i}", Queueing.Newest);
        }

        var taken = TakeAll();
        Assert.Equal(Enumerable.Range(600 - OutgoingQueue.MaxAnswers, OutgoingQueue.MaxAnswers).Select(i => $"a{i}"), taken.Where(text => text[0] == 'a'));
        Assert.Equal(Enumerable.Range(0, OutgoingQueue.MaxKept).Select(i => $"e{i}"), taken.Where(text => text[0] == 'e'));
        Assert.Equal(["t599"], taken.Where(text => text[0] == 't'));
        Assert.Equal(600 - OutgoingQueue.MaxAnswers, _drops[Stage.Signaling, DropReason.QueueFull]);
        Assert.Equal(600 - OutgoingQueue.MaxKept, _drops[Stage.Report, DropReason.QueueFull]);
        Assert.Equal(599, _drops[Stage.Report, DropReason.Superseded]);
    }

    [Fact]
    public void Answers_go_first_then_events_then_states_and_none_pushes_out_another_kind()
    {
        Add("telemetry", "t", Queueing.Newest);
        Add("event", "e", Queueing.Keep);
        for (var i = 0; i < 1000; i++)
            Add("answer", "a", Queueing.Answer);

        var taken = TakeAll();
        Assert.Equal(OutgoingQueue.MaxAnswers + 2, taken.Count);
        Assert.Equal(["e", "t"], taken[^2..]);
    }

    [Theory]
    [InlineData(Queueing.Answer, Stage.Signaling)]
    [InlineData(Queueing.Keep, Stage.Report)]
    [InlineData(Queueing.Newest, Stage.Report)]
    internal void Octets_are_bounded_too(Queueing queueing, Stage stage)
    {
        for (var i = 0; i < 200; i++)
            _queue.Add($"t{i}", new byte[60_000], queueing, s_minute, false, default);

        Assert.InRange(_queue.Bytes, 60_000, 4 * 1024 * 1024);
        Assert.Equal(200 - _queue.Count, _drops[stage, DropReason.QueueFull]);

        _queue.Add("huge", new byte[5 * 1024 * 1024], queueing, s_minute, false, default);
        Assert.Equal(1, _drops[stage, DropReason.Oversized]);
    }

    [Fact]
    public void What_is_older_than_its_expiry_is_dropped_and_counted_and_makes_room()
    {
        for (var i = 0; i < OutgoingQueue.MaxKept; i++)
            Add("event", "old", Queueing.Keep, TimeSpan.FromSeconds(10));
        Add("config", "for ever", Queueing.Newest, TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(10));
        Add("event", "new", Queueing.Keep);

        Assert.Equal(["new", "for ever"], TakeAll());
        Assert.Equal(OutgoingQueue.MaxKept, _drops[Stage.Report, DropReason.Expired]);
        Assert.Equal(0, _drops[Stage.Report, DropReason.QueueFull]);
    }

    [Fact]
    public void What_a_lost_connection_leaves_over_is_sent_again_in_its_order()
    {
        foreach (var text in new[] { "1", "2", "3", "4" })
            Add("event", text, Queueing.Keep);
        OutgoingMessage[] sent = [_queue.Take()!, _queue.Take()!, _queue.Take()!];
        _queue.Finish(sent[1]);
        _queue.Return(sent[2]);
        _queue.Return(sent[0]);

        Assert.Equal(["1", "3", "4"], TakeAll());
        Assert.Null(_queue.Take());
    }

    [Fact]
    public void Of_one_state_the_newer_waits_until_the_older_is_acknowledged_and_replaces_it_where_it_was_not()
    {
        Add("telemetry", "old", Queueing.Newest);
        var sent = _queue.Take()!;
        Add("telemetry", "newer", Queueing.Newest);
        Add("telemetry", "newest", Queueing.Newest);
        Add("config", "other", Queueing.Newest);
        Assert.Equal("other", Text(_queue.Take()!));
        Assert.Null(_queue.Take());

        _queue.Return(sent);
        sent = _queue.Take()!;
        Assert.Equal("newest", Text(sent));
        Assert.Equal(2, _drops[Stage.Report, DropReason.Superseded]);

        Add("telemetry", "last", Queueing.Newest);
        Assert.Null(_queue.Take());
        _queue.Finish(sent);
        Assert.Equal("last", Text(_queue.Take()!));
    }

    [Fact]
    public void What_ends_five_connections_in_succession_is_dropped()
    {
        Add("event", "poison", Queueing.Keep);
        Add("event", "good", Queueing.Keep);
        for (var i = 0; i < 5; i++)
        {
            var message = _queue.Take()!;
            Assert.Equal("poison", Text(message));
            _queue.Return(message);
        }

        Assert.Equal(["good"], TakeAll());
        Assert.Equal(1, _drops[Stage.Report, DropReason.Unsendable]);
    }

    [Fact]
    public async Task Whoever_waits_is_woken_by_a_message_and_by_room_for_the_next_of_its_kind()
    {
        var waiting = _queue.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        Add("telemetry", "1", Queueing.Newest);
        await waiting;
        var message = _queue.Take()!;
        Add("telemetry", "2", Queueing.Newest);
        await _queue.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Null(_queue.Take());
        _queue.Finish(message);
        await _queue.WaitAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(_queue.Take());
    }

    private static string Text(OutgoingMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    private void Add(string topic, string text, Queueing queueing, TimeSpan? expiry = null) =>
        _queue.Add(topic, Encoding.UTF8.GetBytes(text), queueing, expiry ?? s_minute, false, default);

    /// <summary>Takes and finishes until nothing is left.</summary>
    private List<string> TakeAll()
    {
        List<string> taken = [];
        while (_queue.Take() is { } message)
        {
            taken.Add(Text(message));
            _queue.Finish(message);
        }

        return taken;
    }
}
