using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Gpio;

/// <summary>Chips and PWM channels in the order in which they were opened.</summary>
internal sealed class FakePorts : IPortOpener
{
    public List<FakeChip> Chips { get; } = [];

    public List<FakePwm> Outputs { get; } = [];

    public IDevicePort Open(PortPlan plan, IPortUser user)
    {
        if (plan.Uri.StartsWith("gpio:", StringComparison.Ordinal))
        {
            Chips.Add(new(plan, user));
            return Chips[^1];
        }

        Outputs.Add(new(plan, user));
        return Outputs[^1];
    }

    public void OpenAll(Instant now)
    {
        Chips.ForEach(chip => chip.Open(now));
        Outputs.ForEach(output => output.Open(now));
    }

    public void Deliver(Instant now)
    {
        Chips.ForEach(chip => chip.Deliver(now));
        Outputs.ForEach(output => output.Deliver(now));
    }
}
