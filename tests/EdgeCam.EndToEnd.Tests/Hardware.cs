using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A piece of simulated hardware in a process of its own, and a look behind its wire.</summary>
internal sealed class Hardware : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private Hardware(ChildProcess process, string control) => (_process, Control) = (process, control);

    /// <summary>The socket that tells what it really does.</summary>
    public string Control { get; }

    /// <param name="kind"><c>ptz</c>, <c>i2c</c> or <c>gpio</c>.</param>
    /// <param name="folder">Where its sockets are made.</param>
    public static async Task<Hardware> StartAsync(string kind, string folder, params string[] arguments)
    {
        var control = Path.Combine(folder, $"{kind}.control");
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = ChildProcess.Start(Workplace.Sims, [kind, "--control", control, .. arguments], (line, isOutput) =>
        {
            if (isOutput && line.StartsWith("ready", StringComparison.Ordinal))
                ready.TrySetResult();
        });
        var hardware = new Hardware(process, control);
        try
        {
            await ready.Task.WaitAsync(TimeSpan.FromSeconds(15));
            return hardware;
        }
        catch (TimeoutException)
        {
            var log = process.Log;
            await hardware.DisposeAsync();
            throw new Xunit.Sdk.XunitException($"The simulated {kind} is not ready.\n{log}");
        }
    }

    /// <summary>What a word to its control socket is answered with.</summary>
    public async Task<JsonNode> AskAsync(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Control));
        await using var stream = new NetworkStream(socket);
        await using var writer = new StreamWriter(stream) { AutoFlush = true };
        using var reader = new StreamReader(stream);
        await writer.WriteLineAsync(command);
        return JsonNode.Parse(await reader.ReadLineAsync() ?? throw new IOException($"{command} was not answered"))!;
    }

    public Task<JsonNode> StateAsync() => AskAsync("state");

    /// <summary>Looks until it is so.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> UntilAsync(Func<JsonNode, bool> condition, string words, TimeSpan? limit = null)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            var asked = since.Elapsed;
            var state = await StateAsync();
            if (condition(state))
                return asked; // it was so when it was asked, or became so a moment later
            Assert.True(since.Elapsed < (limit ?? TimeSpan.FromSeconds(10)), $"{words}: not after {since.Elapsed.TotalSeconds:F1} s: {state.ToJsonString()}");
            await Task.Delay(2);
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
