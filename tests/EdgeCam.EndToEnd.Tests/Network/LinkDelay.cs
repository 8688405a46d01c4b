using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>A link of two namespaces that takes time, in place of the kernel's netem: a process that carries packets between two TAP devices.</summary>
internal sealed class LinkDelay : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private LinkDelay(ChildProcess process) => _process = process;

    public static async Task<LinkDelay> StartAsync(NetNamespace a, string deviceOfA, NetNamespace b, string deviceOfB, DelayProfile profile)
    {
        var isReady = false;
        var process = ChildProcess.Start(
            "/usr/bin/python3",
            [
                Path.Combine(Workplace.Peers, "link-delay.py"), a.Name, deviceOfA, b.Name, deviceOfB,
                Driver.Number(profile.Delay.TotalMilliseconds), Driver.Number(profile.Jitter.TotalMilliseconds),
            ],
            (line, _) => isReady |= line == "ready");
        await Wait.UntilAsync(() => isReady || process.HasExited, "the delayed link is there");
        Assert.True(isReady, process.Log);
        return new(process);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
