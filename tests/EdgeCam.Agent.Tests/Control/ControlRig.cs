using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Control;

/// <summary>A dispatcher with the methods of a test.</summary>
internal sealed class ControlRig(params IEnumerable<ControlMethod> methods) : IDisposable
{
    public static ControlCaller Alice { get; } = new("alice", AccessGrant.Open("Alice"));

    public DropCounters Drops { get; } = new();

    public ManualTime Time { get; } = new();

    public ControlDispatcher Dispatcher => field ??= new(new(methods), Time, Drops, NullLogger<ControlDispatcher>.Instance);

    public static ControlCaller With(AccessScope scopes) => new("alice", new("Alice", scopes));

    /// <summary>The response's text; null where there is none.</summary>
    public string? Text(string request, ControlCaller? caller = null) => Handle(Encoding.UTF8.GetBytes(request), caller) is { } response ? Encoding.UTF8.GetString(response) : null;

    public byte[]? Handle(ReadOnlySpan<byte> request, ControlCaller? caller = null)
    {
        var handling = Dispatcher.HandleAsync(request, caller ?? Alice).AsTask();
        Assert.True(handling.IsCompleted, "These methods are done at once.");
        return handling.GetAwaiter().GetResult();
    }

    /// <summary>The result, or the error, of one call.</summary>
    public JsonElement Call(string method, string? parameters = null, ControlCaller? caller = null)
    {
        var given = parameters is null ? "" : $",\"params\":{parameters}";
        var response = JsonElement.Parse(Text($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}"{{given}}}""", caller)!);
        return response.TryGetProperty("result", out var result) ? result : response.GetProperty("error");
    }

    public void Dispose() => Drops.Dispose();
}
