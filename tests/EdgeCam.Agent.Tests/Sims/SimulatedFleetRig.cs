using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.Sims.Common;
using EdgeCam.Sims.Fleet;
using EdgeCam.Sims.Fleet.Model;

namespace EdgeCam.Agent.Tests.Sims;

/// <summary>A simulated device in virtual time, and a broker that takes whatever it says.</summary>
internal sealed class SimulatedFleetRig
{
    private int _requests;

    public SimulatedFleetRig(UpdateFate fate = UpdateFate.Good, params string[] more)
    {
        var options = FleetOptions.Read(Options.Parse(["--broker", "mqtt://broker.example", .. more], FleetOptions.Names, []));
        Agent = new(AgentProfile.Create(options, 7, new Random(1)) with { Fate = fate }, Time);
    }

    public ManualTime Time { get; } = new(ManualTime.SetClock);

    public SimulatedAgent Agent { get; }

    /// <summary>All it said, with how long that is good.</summary>
    public List<(string Topic, string Text, bool IsRetained, TimeSpan? Left)> Said { get; } = [];

    /// <summary>How often it began anew.</summary>
    public int Restarts { get; private set; }

    public static SimulatedFleetRig Connected(UpdateFate fate = UpdateFate.Good, params string[] more)
    {
        var rig = new SimulatedFleetRig(fate, more);
        rig.Agent.Start();
        rig.Agent.Connected();
        rig.Run(TimeSpan.FromSeconds(10));
        return rig;
    }

    /// <summary>Lets time pass, with the broker there.</summary>
    public void Run(TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed <= span; passed += TimeSpan.FromMilliseconds(100), Time.Advance(TimeSpan.FromMilliseconds(100)))
        {
            Turn();
            if (!Agent.IsLeaving)
                continue;
            Restarts++;
            Hear(Agent.Farewell(), null);
            Agent.Disconnected([]);
            Time.Advance(Agent.Away);
            Agent.Start();
            Agent.Connected();
        }
    }

    public void Turn()
    {
        Agent.Advance();
        while (Agent.TryTake(out var message, out var left))
            Hear(message, left);
    }

    /// <summary>The answer to a request, that it has not more than one, and what follows at once.</summary>
    public JsonNode Call(string method, JsonObject? parameters = null)
    {
        var before = Said.Count;
        var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = ++_requests, ["method"] = method };
        if (parameters is not null)
            request["params"] = parameters;
        Send("rpc/op/request", request.ToJsonString());
        Turn();
        var answer = JsonNode.Parse(Assert.Single(Said[before..], static said => said.Topic.EndsWith("/rpc/op/response", StringComparison.Ordinal)).Text)!;
        Assert.Equal(_requests, answer["id"]!.GetValue<int>());
        return answer;
    }

    /// <summary>The result, where there is no error.</summary>
    public JsonNode Result(string method, JsonObject? parameters = null)
    {
        var answer = Call(method, parameters);
        return answer["result"] ?? throw new Xunit.Sdk.XunitException(answer.ToJsonString());
    }

    public void Send(string topic, string text) => Agent.Receive(new($"edgecam/v1/{Agent.Id}/{topic}", Encoding.UTF8.GetBytes(text)));

    public IReadOnlyList<JsonNode> On(string topic) => [.. Said.Where(said => said.Topic == $"edgecam/v1/{Agent.Id}/{topic}").Select(static said => JsonNode.Parse(said.Text)!)];

    public static string Jws(JsonObject payload) => $"eyJhbGciOiJFUzI1NiJ9.{TokenForge.Base64(payload.ToJsonString())}.c2lnbmF0dXJl";

    private void Hear(AgentMessage message, TimeSpan? left) => Said.Add((message.Topic, Encoding.UTF8.GetString(message.Payload), message.Retain, left));
}
