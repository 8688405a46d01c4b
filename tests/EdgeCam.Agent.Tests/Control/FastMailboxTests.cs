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
    private readonly List<string> _texts = [];
    private readonly FastMailbox _mailbox;

    public FastMailboxTests() => _mailbox = new(message =>
    {
        _taken.Add(message[0]);
        _texts.Add(System.Text.Encoding.UTF8.GetString(message));
    }, _time, _drops);

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
    public void A_stop_passes_at_once_after_what_it_stops_and_is_never_replaced()
    {
        Offer(Move("a", 1), Move("a", 2), Move("b", 3), Stop("a"), Move("a", 5), Alive("a"), "{", Alive("b"), "[1", Stop("c"));
        Assert.Equal([Move("a", 1), Move("a", 2), Stop("a"), "[1", Stop("c")], _texts);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal([Move("b", 3), Move("a", 5)], _texts[5..]);
    }

    [Fact]
    public void An_alive_gives_way_to_a_move_whichever_comes_first()
    {
        Offer(Move("a", 1), Alive("a"), Move("a", 2));
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Offer(Move("a", 3), Alive("a"));
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal([Move("a", 1), Move("a", 2), Move("a", 3)], _texts);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Offer(Alive("a"), Alive("a"), Alive("b"));
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal([Alive("a"), Alive("a"), Alive("b")], _texts[3..]);
    }

    [Fact]
    public void Of_two_moves_of_a_head_the_one_with_the_higher_number_counts_or_without_numbers_the_later()
    {
        Offer("first", Move("a", 7), Move("a", 6), Move("b", 2), Move("b"), Move("c"), Move("c", 1));
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal([Move("a", 7), Move("b"), Move("c", 1)], _texts[1..]);
        Assert.Equal(3, _drops[Stage.Control, DropReason.Superseded]);
    }

    [Fact]
    public void It_has_places_for_four_heads_and_for_eight_stops()
    {
        Offer([.. Enumerable.Range(0, 8).Select(i => Move($"{i}", 1))]);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(5, _texts.Count);
        Assert.Equal(3, _drops[Stage.Control, DropReason.QueueFull]);
        Offer([.. Enumerable.Range(0, 10).Select(_ => Stop("a"))]);
        Assert.Equal(5 + 8, _texts.Count);
        Assert.Equal(2, _drops[Stage.Control, DropReason.RateLimited]);
    }

    [Theory]
    [InlineData("""{"params":{"seq":3,"pan":{"seq":4,"camera":"x"},"camera":"cam0"},"method":"ptz.continuousMove"}""", FastMessageKind.Move, "cam0", 3L)]
    [InlineData("""{"method":"ptz.continuousMove","params":[0.5,{"camera":"x"}]}""", FastMessageKind.Move, "", null)]
    [InlineData("""{"method":"ptz.continuousMove","params":{"seq":1e400,"camera":7}}""", FastMessageKind.Move, "", null)]
    [InlineData("""{"method":"ptz\u002estop"}""", FastMessageKind.Stop, "", null)]
    [InlineData("""{"params":{"method":"ptz.stop"},"id":1}""", FastMessageKind.Other, "", null)]
    [InlineData("{\"method\":\"ptz.stop\"", FastMessageKind.Other, "", null)]
    [InlineData("""[{"method":"ptz.stop"}]""", FastMessageKind.Other, "", null)]
    [InlineData("", FastMessageKind.Other, "", null)]
    internal void What_a_message_is_about_is_read_from_it(string message, FastMessageKind kind, string camera, long? sequence) =>
        Assert.Equal(new FastMessage(kind, camera, sequence), FastMessage.Peek(System.Text.Encoding.UTF8.GetBytes(message)));

    [Fact]
    public void Any_bytes_are_about_something_or_nothing()
    {
        var random = new Random(4);
        var whole = System.Text.Encoding.UTF8.GetBytes(Move("cam0", 12));
        for (var i = 0; i < 5000; i++)
        {
            var bytes = whole[..random.Next(whole.Length)];
            for (var j = random.Next(4); j > 0 && bytes.Length > 0; j--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _ = FastMessage.Peek(bytes);
        }
    }

    private static string Move(string camera, long? sequence = null) =>
        $$$"""{"jsonrpc":"2.0","method":"ptz.continuousMove","params":{"pan":0.5,"camera":"{{{camera}}}"{{{(sequence is null ? "" : $",\"seq\":{sequence}")}}}}}""";

    private static string Alive(string camera) => $$$"""{"jsonrpc":"2.0","method":"ptz.alive","params":{"camera":"{{{camera}}}"}}""";

    private static string Stop(string camera) => $$$"""{"jsonrpc":"2.0","method":"ptz.stop","params":{"camera":"{{{camera}}}"}}""";

    private void Offer(params string[] messages)
    {
        foreach (var message in messages)
            _mailbox.Offer(System.Text.Encoding.UTF8.GetBytes(message));
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
