using EdgeCam.Agent.Devices;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Loop;

/// <summary>Counts its turns.</summary>
internal sealed class FakeDevice : IDevice
{
    public string Name => "fake";

    public int Ticks { get; private set; }

    public List<string> MadeSafe { get; } = [];

    public Action OnTick { get; set; } = static () => { };

    public void Tick(Instant now)
    {
        Ticks++;
        OnTick();
    }

    public void HandleCallerGone(string caller, Instant now)
    {
    }

    public void MakeSafe(string reason, Instant now) => MadeSafe.Add(reason);
}
