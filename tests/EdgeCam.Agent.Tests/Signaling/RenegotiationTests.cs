using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Signaling;

/// <summary>Several offers of one session: whose an answer is, and what is left where there is none.</summary>
public sealed class RenegotiationTests : SignalingRig
{
    public RenegotiationTests() => Start(new(Burst: 203), sessionsOfOne: 2);

    [Fact]
    public async Task An_answer_says_whose_it_is()
    {
        Receive(Offer(3));
        Assert.Equal(3, (await Sent("answer", 1)).GetProperty("re").GetInt64());
        Receive(Offer(8));
        Assert.Equal(8, (await Sent("answer", 2)).GetProperty("re").GetInt64());
    }

    [Fact]
    public async Task So_does_an_error_where_an_offer_caused_it()
    {
        var answer = new TaskCompletionSource<ViewerAnswer>();
        Gateway.Answer = _ => answer.Task;
        Receive(Offer(3));
        Receive(Offer(4)); // too soon
        Assert.Equal((429, 4), About(await Sent("error", 1)));
        answer.SetResult(ViewerAnswer.Refuse(404, "no such camera"));
        Assert.Equal((404, 3), About(await Sent("error", 2)));
        Receive("""{"v":1,"type":"offer","seq":5}""");
        Assert.Equal((400, 5), About(await Sent("error", 3)));

        var number = 3;
        foreach (var other in new[] { "garbage", """{"v":1,"type":"candidate","seq":6}""", """{"v":1,"type":"offer","seq":-1,"sdp":"x"}""" })
        {
            Receive(other);
            Assert.Equal((400, null), About(await Sent("error", ++number)));
        }
    }

    [Fact]
    public async Task So_does_one_for_want_of_room()
    {
        for (var i = 0; i < 2; i++)
            Receive(Offer(1), Alice with { Session = $"session-100{i}" });
        Receive(Offer(7));
        Assert.Equal((429, 7), About(await Sent("error", 1)));

        for (var i = 0; i < 200; i++)
            Receive(Offer(9), Alice with { Session = $"session-{2000 + i}", Client = "bob" });
        await Wait.UntilAsync(() => Drops[Stage.Signaling, DropReason.RateLimited] > 0, "a limit"); // which leaves so much that the offer is read
        lock (SentMessages)
            Assert.All(SentMessages.Where(sent => sent.Message.GetProperty("type").GetString() == "error").Skip(1), sent => Assert.Equal((429, 9), About(sent.Message)));
    }

    [Fact]
    public async Task A_live_session_whose_further_offer_finds_no_answer_is_over()
    {
        Receive(Offer(1));
        await Sent("answer", 1);
        Gateway.Answer = _ => new TaskCompletionSource<ViewerAnswer>().Task;
        Receive(Offer(2));
        await Wait.UntilAsync(() => Gateway.Offers.Count == 2, "the further offer");

        Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal((408, 2), About(await Sent("error", 1)));
        await Sent("bye", 1);
        Assert.Single(Gateway.Closed);
        Gateway.Offers.First().Signals.OnClosed("closed, as it was told");
        Gateway.Offers.Last().Signals.OnClosed("closed, as it was told");

        Receive("""{"v":1,"type":"candidate","seq":3,"candidate":"late"}""");
        await Wait.UntilAsync(() => Drops[Stage.Signaling, DropReason.UnknownSession] == 1, "a candidate for nobody");
        Time.Advance(TimeSpan.FromSeconds(62));
        await Wait.UntilAsync(() => Service.Sessions == 0, "an empty table");
        Assert.Equal(1, Count("bye"));
    }

    private static string Offer(int seq) => $$"""{"v":1,"type":"offer","seq":{{seq}},"sdp":"x"}""";

    private static (int Code, long? Re) About(JsonElement error) =>
        (error.GetProperty("code").GetInt32(), error.TryGetProperty("re", out var re) ? re.GetInt64() : null);
}
