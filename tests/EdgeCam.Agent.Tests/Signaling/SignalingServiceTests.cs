using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Signaling;

/// <summary>The session's messages, with the broker and the peers left out and the time standing still.</summary>
public sealed class SignalingServiceTests : SignalingRig
{
    public SignalingServiceTests() => Start(new());

    [Fact]
    public async Task Hello_is_welcomed_with_the_cameras()
    {
        Receive("""{"v":1,"type":"hello","seq":1}""");

        var welcome = await Sent("welcome");
        Assert.Equal("dev", welcome.GetProperty("device").GetString());
        Assert.Equal("cam0", welcome.GetProperty("cameras")[0].GetProperty("name").GetString());
        Assert.Equal(0, welcome.GetProperty("iceServers").GetArrayLength());
    }

    [Fact]
    public async Task An_offer_is_answered_and_its_candidates_follow()
    {
        Receive(Offer(1, "sdp", camera: "cam0"));
        Receive(Candidate(2, "candidate:1"));
        Receive(Candidate(3, ""));

        Assert.Equal("answer to sdp", (await Sent("answer")).GetProperty("sdp").GetString());
        await Wait.UntilAsync(() => Gateway.Candidates.Count == 2, "both candidates");
        Assert.Equal([(Alice.ToString(), "candidate:1"), (Alice.ToString(), "")], Gateway.Candidates);
        var offer = Assert.Single(Gateway.Offers);
        Assert.Equal(("cam0", "sdp"), (offer.Camera, offer.Sdp));
    }

    [Fact]
    public async Task Candidates_wait_for_the_offer_and_for_its_answer()
    {
        var answer = new TaskCompletionSource<ViewerAnswer>();
        Gateway.Answer = _ => answer.Task;
        Receive(Candidate(1, "early"));
        Receive(Offer(2, "sdp"));
        Receive(Candidate(3, "later"));
        await Wait.UntilAsync(() => Gateway.Offers.Count == 1, "the offer");
        Assert.Empty(Gateway.Candidates);

        answer.SetResult(ViewerAnswer.Accept("a"));

        await Wait.UntilAsync(() => Gateway.Candidates.Count == 2, "both candidates");
        Assert.Equal(["early", "later"], Gateway.Candidates.Select(candidate => candidate.Candidate));
    }

    [Fact]
    public async Task Early_candidates_are_bounded_in_number_and_time()
    {
        for (var i = 0; i < 40; i++)
            Receive(Candidate(i, $"c{i}"));
        await Dropped(DropReason.TooMany, 8);

        Time.Advance(TimeSpan.FromSeconds(12));
        await Dropped(DropReason.Expired, 32);

        Receive(Offer(100, "sdp"));
        await Sent("answer");
        Assert.Empty(Gateway.Candidates);
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]")]
    [InlineData("""{"v":1,"type":"offer","seq":1,"sdp":"x"}{}""")]
    [InlineData("""{"v":2,"type":"offer","seq":1,"sdp":"x"}""")]
    [InlineData("""{"type":"offer","seq":1,"sdp":"x"}""")]
    [InlineData("""{"v":1,"type":"offer","sdp":"x"}""")]
    [InlineData("""{"v":1,"type":"offer","seq":-1,"sdp":"x"}""")]
    [InlineData("""{"v":1,"type":"offer","seq":"1","sdp":"x"}""")]
    [InlineData("""{"v":1,"type":"offer","seq":1e30,"sdp":"x"}""")]
    [InlineData("""{"v":1,"type":"offer","seq":1}""")]
    [InlineData("""{"v":1,"type":"offer","seq":1,"sdp":7}""")]
    [InlineData("""{"v":1,"type":"offer","seq":1,"sdp":["x"]}""")]
    [InlineData("""{"v":1,"type":"candidate","seq":1}""")]
    [InlineData("""{"v":1,"type":"dance","seq":1}""")]
    [InlineData("""{"v":1,"type":"answer","seq":1,"sdp":"x"}""")]
    public async Task A_malformed_message_is_answered_counted_and_goes_no_further(string json)
    {
        Receive(json);

        Assert.Equal(400, (await Sent("error")).GetProperty("code").GetInt32());
        Assert.Equal(1, Drops[Stage.Signaling, DropReason.Malformed]);
        Assert.Empty(Gateway.Offers);
        Assert.Equal(0, Service.Sessions);
    }

    [Theory]
    [InlineData(400, "RefusedOffer")]
    [InlineData(404, "UnknownCamera")]
    [InlineData(429, "TooMany")]
    [InlineData(480, "CameraNotReady")]
    [InlineData(503, "QueueFull")]
    public async Task A_refused_offer_is_answered_with_its_code_and_counted(int code, string reason)
    {
        Gateway.Answer = _ => Task.FromResult(ViewerAnswer.Refuse(code, "words"));

        Receive(Offer(1, "sdp"));

        var error = await Sent("error");
        Assert.Equal((code, "words"), (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()));
        Assert.Equal(1, Drops[Stage.Signaling, Enum.Parse<DropReason>(reason)]);
    }

    [Fact]
    public async Task An_oversized_message_is_answered_with_413_unread()
    {
        Service.Receive(Alice, default, oversized: true);

        Assert.Equal(413, (await Sent("error")).GetProperty("code").GetInt32());
        Assert.Equal(1, Drops[Stage.Signaling, DropReason.Oversized]);
    }

    [Fact]
    public async Task A_retained_message_is_dropped_in_silence()
    {
        Service.Receive(Alice, Encoding.UTF8.GetBytes(Offer(1, "sdp")), retained: true);
        Receive("""{"v":1,"type":"hello","seq":1}""");

        await Sent("welcome");
        Assert.Equal(1, Drops[Stage.Signaling, DropReason.Retained]);
        Assert.Empty(Gateway.Offers);
    }

    [Fact]
    public async Task A_duplicate_offer_makes_no_second_connection_not_even_after_bye()
    {
        Receive(Offer(1, "sdp"));
        await Sent("answer");
        Receive(Offer(1, "sdp"));
        Receive("""{"v":1,"type":"bye","seq":2,"reason":"done"}""");
        Receive(Offer(1, "sdp"));
        Receive("""{"v":1,"type":"bye","seq":2}""");

        await Dropped(DropReason.Duplicate, 3);
        Assert.Single(Gateway.Offers);
        Assert.Equal((Alice.ToString(), "done"), Assert.Single(Gateway.Closed));
    }

    [Fact]
    public async Task The_same_number_in_another_session_is_no_duplicate()
    {
        Receive(Offer(1, "sdp"));
        Receive(Offer(1, "sdp"), Alice with { Session = "session-0002" });
        Receive(Offer(1, "sdp"), Alice with { Client = "bob" });

        await Wait.UntilAsync(() => Gateway.Offers.Count == 3, "three offers");
        Assert.Equal(0, Drops[Stage.Signaling, DropReason.Duplicate]);
    }

    [Fact]
    public async Task A_second_offer_of_a_live_session_renegotiates_under_the_same_key()
    {
        Receive(Offer(1, "first"));
        await Sent("answer");
        Receive(Offer(2, "second"));

        await Wait.UntilAsync(() => Count("answer") == 2, "the second answer");
        Assert.Equal(["first", "second"], Gateway.Offers.Select(offer => offer.Sdp));
        Assert.Single(Gateway.Offers.Select(offer => offer.Session).Distinct());
    }

    [Fact]
    public async Task A_viewer_whose_path_the_device_lost_is_asked_to_restart()
    {
        Receive(Offer(1, "first"));
        await Sent("answer");

        Gateway.Offers.Single().Signals.OnRestart("the device moved");
        Assert.Equal("the device moved", (await Sent("restart")).GetProperty("reason").GetString());

        Receive(Offer(2, "second"));
        await Wait.UntilAsync(() => Count("answer") == 2, "the second answer");
        Gateway.Offers.First().Signals.OnRestart("too late");
        Gateway.Offers.Last().Signals.OnCandidate("candidate:9");
        await Sent("candidate");
        Assert.Equal(1, Count("restart"));
    }

    [Fact]
    public async Task The_end_of_a_replaced_connection_does_not_end_the_session()
    {
        Receive(Offer(1, "first"));
        await Sent("answer");
        Gateway.Answer = sdp =>
        {
            Gateway.Offers.First().Signals.OnClosed("replaced");
            return Task.FromResult(ViewerAnswer.Accept(sdp));
        };
        Receive(Offer(2, "second"));
        await Wait.UntilAsync(() => Count("answer") == 2, "the second answer");
        Assert.Equal(0, Count("bye"));

        Gateway.Offers.First().Signals.OnClosed("again");
        Gateway.Offers.Last().Signals.OnCandidate("candidate:9");

        Assert.Equal("candidate:9", (await Sent("candidate")).GetProperty("candidate").GetString());
        Assert.Equal(0, Count("bye"));
    }

    [Fact]
    public async Task A_refused_renegotiation_leaves_the_session_live()
    {
        Receive(Offer(1, "first"));
        await Sent("answer");
        Gateway.Answer = _ => Task.FromResult(ViewerAnswer.Refuse(400, "no"));
        Receive(Offer(2, "second"));
        await Sent("error");

        Receive(Candidate(3, "candidate:1"));

        await Wait.UntilAsync(() => Gateway.Candidates.Count == 1, "the candidate reaches the live connection");
    }

    [Fact]
    public async Task The_viewer_is_told_when_its_connection_ends()
    {
        Receive(Offer(1, "sdp"));
        await Sent("answer");

        Assert.Single(Gateway.Offers).Signals.OnClosed("consent expired");

        Assert.Equal("consent expired", (await Sent("bye")).GetProperty("reason").GetString());
        Receive(Candidate(2, "late"));
        await Dropped(DropReason.UnknownSession, 1);
        Assert.Empty(Gateway.Candidates);
    }

    [Fact]
    public async Task An_answer_that_takes_too_long_is_refused_and_the_connection_closed()
    {
        Gateway.Answer = _ => new TaskCompletionSource<ViewerAnswer>().Task;
        Receive(Offer(1, "sdp"));
        await Wait.UntilAsync(() => Gateway.Offers.Count == 1, "the offer");

        Time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(408, (await Sent("error")).GetProperty("code").GetInt32());
        Assert.Single(Gateway.Closed);
    }

    [Fact]
    public async Task A_fault_of_ours_costs_one_viewer()
    {
        Gateway.Answer = sdp => sdp == "bad" ? throw new InvalidOperationException("bug") : Task.FromResult(ViewerAnswer.Accept("fine"));
        Receive(Offer(1, "bad"));
        Assert.Equal(503, (await Sent("error")).GetProperty("code").GetInt32());

        Receive(Offer(1, "good"), Alice with { Client = "bob" });

        await Sent("answer");
    }

    [Fact]
    public async Task A_client_that_floods_is_cut_down_told_once_a_second_and_heard_again()
    {
        for (var i = 0; i < 500; i++)
            Receive("garbage");
        await Dropped(DropReason.RateLimited, 300);
        Assert.Equal(200, Drops[Stage.Signaling, DropReason.Malformed]);
        Assert.Equal(1, Codes(429));

        Receive("""{"v":1,"type":"hello","seq":1}""", Alice with { Client = "bob" });
        await Sent("welcome"); // others are not held up
        Time.Advance(TimeSpan.FromSeconds(1));
        Receive(Offer(1, "sdp"));
        await Sent("answer");
    }

    [Fact]
    public async Task The_table_of_sessions_is_bounded_and_live_ones_keep_their_place()
    {
        Start(new(Sessions: 4));
        for (var i = 0; i < 4; i++)
            Receive(Offer(1, "sdp"), Key(i));
        await Wait.UntilAsync(() => Count("answer") == 4, "four answers");
        Receive(Offer(1, "sdp"), Key(4));
        Assert.Equal(429, (await Sent("error")).GetProperty("code").GetInt32());

        Receive("""{"v":1,"type":"bye","seq":2}""", Key(0));
        for (var i = 5; i < 100; i++)
            Receive("""{"v":1,"type":"hello","seq":1}""", Key(i));
        await Wait.UntilAsync(() => Count("welcome") == 95, "each stranger is welcomed");
        Assert.Equal(4, Service.Sessions);

        Receive(Candidate(2, "c"), Key(1));
        await Wait.UntilAsync(() => Gateway.Candidates.Count == 1, "the live session is still there");
    }

    [Fact]
    public async Task Sessions_that_are_not_live_are_forgotten()
    {
        Receive("""{"v":1,"type":"hello","seq":1}""");
        Receive(Offer(1, "sdp"), Alice with { Client = "bob" });
        await Sent("answer");
        Assert.Equal(2, Service.Sessions);

        Time.Advance(TimeSpan.FromSeconds(62));

        await Wait.UntilAsync(() => Service.Sessions == 1, "only the live one is left");
    }

    [Fact]
    public async Task An_offer_costs_as_much_as_several_messages()
    {
        Start(new(MessagesPerSecond: 10, Burst: 20, OfferCost: 5));
        for (var i = 1; i <= 5; i++)
        {
            Receive(Offer(i, "sdp"));
            await Wait.UntilAsync(() => Count("answer") == Math.Min(i, 4), "its answer");
        }

        await Dropped(DropReason.RateLimited, 1);
        Receive("""{"v":1,"type":"hello","seq":6}""", Key(1));
        await Sent("welcome");
        Time.Advance(TimeSpan.FromSeconds(0.6));
        Receive(Offer(7, "sdp"));
        await Wait.UntilAsync(() => Count("answer") == 5, "time makes room");
    }

    [Fact]
    public async Task A_bug_met_by_one_message_ends_that_session_only()
    {
        Gateway.OnCandidate = candidate =>
        {
            if (candidate == "poison")
                throw new InvalidOperationException("a bug");
        };
        Receive(Offer(1, "sdp"), Key(1));
        Receive(Offer(1, "sdp"), Key(2));
        await Wait.UntilAsync(() => Count("answer") == 2, "both are live");

        Receive(Candidate(2, "poison"), Key(1));
        Receive(Candidate(2, "good"), Key(2));

        await Dropped(DropReason.Fault, 1);
        await Wait.UntilAsync(() => Gateway.Candidates.Any(taken => taken.Candidate == "good"), "the other goes on");
        Assert.Equal(1, Codes(503));
        Assert.Equal(Key(1).ToString(), Assert.Single(Gateway.Closed).Session);
    }

    [Fact]
    public async Task One_client_cannot_take_all_the_places()
    {
        Start(new(), sessionsOfOne: 2);
        for (var i = 0; i < 3; i++)
            Receive(Offer(1, "sdp"), Alice with { Session = $"session-000{i}" });
        await Dropped(DropReason.TooMany, 1);
        await Sent("error");
        Assert.Equal(1, Codes(429));

        Receive(Offer(1, "sdp"), Alice with { Client = "bob" });
        await Wait.UntilAsync(() => Count("answer") == 3, "another client has a place");
        Receive("""{"v":1,"type":"bye","seq":2}""", Alice with { Session = "session-0000" });
        Receive(Offer(2, "sdp"), Alice with { Session = "session-0002" });
        await Wait.UntilAsync(() => Count("answer") == 4, "who leaves makes room");
        Receive(Offer(3, "sdp"), Alice with { Session = "session-0002" });
        await Wait.UntilAsync(() => Count("answer") == 5, "a live session may offer again");
    }

    [Theory]
    [InlineData("""{"v":1,"type":"\ud800","seq":1}""")]
    [InlineData("""{"v":1,"type":"offer","seq":1,"sdp":"\udfff"}""")]
    [InlineData("""{"v":1,"type":"offer","seq":1,"sdp":"x","camera":"\ud800\ud800"}""")]
    [InlineData("""{"v":1,"\ud800":"hello","type":"hello","seq":9999999999999999999999}""")]
    [InlineData("""{"v":1e400,"type":"hello","seq":1}""")]
    [InlineData("""{"v":1,"type":"hello","seq":9223372036854775808}""")]
    public async Task Odd_JSON_is_answered_with_400_and_harms_nobody(string json)
    {
        Receive(json);
        await Dropped(DropReason.Malformed, 1);
        Assert.Equal(1, Codes(400));
        Receive("""{"v":1,"type":"hello","seq":9223372036854775807}""", Key(2));
        await Sent("welcome");
    }

    [Fact]
    public async Task Sequence_numbers_to_the_viewer_rise()
    {
        Receive("garbage");
        Receive("""{"v":1,"type":"hello","seq":1}""");
        Receive(Offer(2, "sdp"));
        await Sent("answer");

        long[] sequence;
        lock (SentMessages)
            sequence = [.. SentMessages.Select(sent => sent.Message.GetProperty("seq").GetInt64())];
        Assert.Equal(sequence.Distinct().Order(), sequence);
        Assert.All(SentMessages, sent => Assert.Equal(1, sent.Message.GetProperty("v").GetInt32()));
    }

    private static SessionKey Key(int i) => new("client" + i, "session-0001");

    private static string Offer(int seq, string sdp, string? camera = null) =>
        camera is null ? $$"""{"v":1,"type":"offer","seq":{{seq}},"sdp":"{{sdp}}"}""" : $$"""{"v":1,"type":"offer","seq":{{seq}},"sdp":"{{sdp}}","camera":"{{camera}}"}""";

    private static string Candidate(int seq, string candidate) => $$"""{"v":1,"type":"candidate","seq":{{seq}},"candidate":"{{candidate}}","sdpMid":"0"}""";

    private int Codes(int code)
    {
        lock (SentMessages)
            return SentMessages.Count(sent => sent.Message.TryGetProperty("code", out var sentCode) && sentCode.GetInt32() == code);
    }

    private Task Dropped(DropReason reason, long count) => Wait.UntilAsync(() => Drops[Stage.Signaling, reason] == count, $"{count} × {reason}");
}
