using EdgeCam.Agent.Devices.Gpio;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Gpio;

/// <summary>Whatever anybody asks, whatever fails: never two of a group on, never on for longer than allowed while the chip can be told.</summary>
public sealed class GpioRandomTests
{
    private const int MaxOnSeconds = 2;

    private static readonly GpioOptions s_options = new(
        Lines:
        [
            new("a", 0, MaxOnSeconds: MaxOnSeconds), new("b", 1, Safe: true), new("c", 2, Initial: true), new("d", 3), new("e", 4, MaxOnSeconds: MaxOnSeconds, MaxOperationsPerMinute: 20),
        ],
        Interlocks: [new(["a", "b", "c"]), new(["c", "d"])]);

    private static readonly (int, int)[] s_never = [(0, 1), (0, 2), (1, 2), (2, 3)];

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    [InlineData(6, false)]
    [InlineData(7, false)]
    [InlineData(8, false)]
    public void The_rules_hold(int seed, bool hasLineFaults)
    {
        var random = new Random(seed);
        using var rig = GpioRig.Closed(s_options);
        rig.Chip.Open(rig.Now);
        var (asked, answered) = (0, 0);

        for (var step = 0; step < 20_000; step++)
        {
            Act(rig, random, hasLineFaults, ref asked, () => answered++);
            if (random.Next(3) > 0)
                rig.Chip.Deliver(rig.Now, random.Next(4)); // it lags behind now and then
            if (random.Next(4) == 0)
            {
                rig.Time.Advance(TimeSpan.FromMilliseconds(20));
                rig.Chip.Deliver(rig.Now);
                rig.Bank.Tick(rig.Now);
            }
        }

        rig.RunMilliseconds(2000);
        Assert.Equal(asked, answered); // nobody waits for ever
        // A line that cannot be told keeps its level until it can, at its longest back-off; one that can is off in time, to the tick and the answer.
        Check(rig, TimeSpan.FromSeconds(MaxOnSeconds) + (hasLineFaults ? TimeSpan.FromSeconds(31) : TimeSpan.FromMilliseconds(40)));
        Assert.True(rig.Chip.Driven.Count > 500, $"{rig.Chip.Driven.Count} levels");
    }

    private static void Act(GpioRig rig, Random random, bool hasLineFaults, ref int asked, Action answered)
    {
        var name = s_options.Lines[random.Next(s_options.Lines.Length)].Name;
        switch (random.Next(60))
        {
            case < 20:
                asked++;
                rig.Bank.Write(name, random.Next(2) == 0, rig.Now, _ => answered());
                break;
            case < 30:
                asked++;
                rig.Bank.Pulse(name, TimeSpan.FromMilliseconds(random.Next(1, 1500)), random.Next(3) > 0, rig.Now, _ => answered());
                break;
            case < 36:
                asked++;
                rig.Bank.Toggle(name, rig.Now, _ => answered());
                break;
            case 36 when random.Next(10) == 0:
                rig.Bank.MakeSafe("test", rig.Now);
                break;
            case 37 when hasLineFaults && random.Next(10) == 0:
                rig.Chip.Faults[(ushort)random.Next(5)] = GpioRig.IoError;
                break;
            case 38 when random.Next(3) == 0:
                rig.Chip.Faults.Clear();
                break;
            case 39 when random.Next(20) == 0:
                rig.Chip.Faults.Clear();
                rig.Chip.Break(GpioRig.NoChip, rig.Now);
                rig.Chip.Open(rig.Now);
                break;
        }
    }

    /// <summary>Reads what the chip drove, from the beginning.</summary>
    private static void Check(GpioRig rig, TimeSpan longest)
    {
        Dictionary<int, Instant> onSince = [];
        var levels = new bool[5];
        foreach (var (offset, value, at) in rig.Chip.Driven)
        {
            levels[offset] = value;
            foreach (var (one, other) in s_never)
                Assert.False(levels[one] && levels[other], $"lines {one} and {other} are on at {at.Ticks}");
            if (value)
                onSince.TryAdd(offset, at);
            else if (onSince.Remove(offset, out var since) && s_options.Lines[offset].MaxOnSeconds is not null)
                Assert.InRange(at - since, TimeSpan.Zero, longest);
        }
    }
}
