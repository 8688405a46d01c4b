using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Somebody at the controls: libdatachannel in a process of its own, led step by step, so that it may be killed.</summary>
internal sealed class Operator : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _waiting = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<JsonNode> _heard = [];
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ChildProcess _process;
    private int _commands;

    private Operator(NetNamespace? inside)
    {
        string[] command = [Path.Combine(Workplace.Peers, "operator.mjs")];
        _process = inside?.Start("node", command, Take) ?? ChildProcess.Start("node", command, Take);
    }

    public int Id => _process.Id;

    public string Log => _process.Log;

    /// <summary>Starts one and connects it.</summary>
    /// <param name="agent">Null: options name broker and device.</param>
    /// <param name="options">Further members of the command, such as token and key.</param>
    public static async Task<Operator> ConnectAsync(AgentProcess? agent, JsonObject? options = null, NetNamespace? inside = null)
    {
        var started = new Operator(inside);
        try
        {
            await started._ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
            var command = options ?? [];
            command["broker"] ??= agent!.Broker;
            command["device"] ??= agent!.Device;
            command["do"] = "connect";
            await started.AskAsync(command, TimeSpan.FromSeconds(20));
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls a method; fails where it is refused.</summary>
    public async Task<JsonNode?> CallAsync(string method, JsonObject? parameters = null)
    {
        var answer = await TryCallAsync(method, parameters);
        Assert.True(answer["error"] is null, $"{method}: {answer["error"]?.ToJsonString()}\n{Log}");
        return answer["result"];
    }

    /// <summary>Calls a method; the answer has <c>result</c> or <c>error</c>, and <c>ms</c>.</summary>
    public Task<JsonNode> TryCallAsync(string method, JsonObject? parameters = null, string channel = "control") =>
        AskAsync(new() { ["do"] = "call", ["method"] = method, ["params"] = parameters?.DeepClone(), ["channel"] = channel });

    /// <summary>The refusal's error.</summary>
    public async Task<JsonNode> MustRefuseAsync(string method, JsonObject? parameters = null)
    {
        var answer = await TryCallAsync(method, parameters);
        Assert.True(answer["error"] is not null, $"{method} was allowed: {answer.ToJsonString()}\n{Log}");
        return answer["error"]!;
    }

    /// <summary>Asks until the answer is so.</summary>
    public async Task UntilAsync(string method, Func<JsonNode?, bool> condition, string words)
    {
        JsonNode? said = null;
        for (var end = DateTime.UtcNow.AddSeconds(40); DateTime.UtcNow < end; await Task.Delay(200))
        {
            said = await CallAsync(method);
            if (condition(said))
                return;
        }

        Assert.Fail($"{words}: {said?.ToJsonString()}");
    }

    /// <summary>A message as it stands, and what came back within a moment.</summary>
    public async Task<JsonNode?> SendRawAsync(string text, int repeat = 1, string channel = "control") =>
        (await AskAsync(new() { ["do"] = "raw", ["text"] = text, ["repeat"] = repeat, ["channel"] = channel }))["answer"];

    /// <summary>Says it again and again, as a page does while a joystick is held.</summary>
    public Task HoldAsync(string method, JsonObject parameters, int everyMilliseconds = 100) =>
        AskAsync(new() { ["do"] = "hold", ["method"] = method, ["params"] = parameters.DeepClone(), ["every"] = everyMilliseconds });

    /// <summary>Falls silent, without a stop.</summary>
    public Task ReleaseAsync() => AskAsync(new() { ["do"] = "release" });

    public Task<JsonNode> FloodAsync(string[] messages, int rate, double seconds, string channel) => AskAsync(
        new() { ["do"] = "flood", ["messages"] = new JsonArray([.. messages.Select(message => JsonValue.Create(message))]), ["rate"] = rate, ["seconds"] = seconds, ["channel"] = channel },
        TimeSpan.FromSeconds(seconds + 30));

    /// <summary>Waits for a notification, or finds it among those that came before.</summary>
    public async Task UntilHeardAsync(Func<JsonNode, bool> condition)
    {
        for (var end = DateTime.UtcNow.AddSeconds(10); !HasHeard(condition); await Task.Delay(50))
        {
            _heard.AddRange((await AskAsync(new() { ["do"] = "heard" }))["heard"]!.AsArray().Select(message => message!));
            Assert.True(DateTime.UtcNow < end, $"not heard; but: {string.Join('\n', _heard.Select(message => message.ToJsonString()))}");
        }
    }

    /// <summary>Whether such a notification was among those that <see cref="UntilHeardAsync"/> has fetched.</summary>
    public bool HasHeard(Func<JsonNode, bool> condition) => _heard.Exists(message => condition(message));

    public Task<JsonNode> VideoAsync() => AskAsync(new() { ["do"] = "video" });

    public Task LeaveAsync() => AskAsync(new() { ["do"] = "leave" });

    /// <summary>As the kernel ends a process: no goodbye.</summary>
    public Task KillAsync() => ChildProcess.SignalAsync(Id, "KILL");

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _writing.Dispose();
    }

    private async Task<JsonNode> AskAsync(JsonObject command, TimeSpan? limit = null)
    {
        var number = Interlocked.Increment(ref _commands);
        command["of"] = number;
        var answer = _waiting[number] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _writing.WaitAsync();
        try
        {
            await _process.Input.WriteLineAsync(command.ToJsonString());
            await _process.Input.FlushAsync();
        }
        finally
        {
            _writing.Release();
        }

        try
        {
            var said = await answer.Task.WaitAsync(limit ?? TimeSpan.FromSeconds(15));
            Assert.True(said["ok"]!.GetValue<bool>(), $"{command["do"]}: {said["error"]}\n{Log}");
            return said;
        }
        catch (TimeoutException)
        {
            throw new Xunit.Sdk.XunitException($"The operator did not do {command.ToJsonString()}.\n{Log}");
        }
    }

    private void Take(string line, bool isOutput)
    {
        if (!isOutput || !line.StartsWith('{'))
            return;
        var said = JsonNode.Parse(line)!;
        if (said["of"]?.GetValue<int>() is { } number && _waiting.TryRemove(number, out var waiting))
            waiting.SetResult(said);
        else
            _ready.TrySetResult();
    }
}
