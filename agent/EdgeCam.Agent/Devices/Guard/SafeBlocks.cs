using EdgeCam.Agent.Devices.Ports;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>What makes a port safe that has only just been opened.</summary>
internal static class SafeBlocks
{
    /// <summary>
    /// A GPIO line that is merely set has to be taken before: where Start takes it, it is taken with the safe value instead. Taking a line
    /// that is held already just sets it, so that this serves an open port as well.
    /// </summary>
    public static IReadOnlyList<byte[]> SelfContained(PortPlan plan) =>
        !plan.Uri.StartsWith("gpio:", StringComparison.Ordinal) ? plan.Safe : [.. plan.Safe.Select(block => Contain(plan, block))];

    private static byte[] Contain(PortPlan plan, byte[] block)
    {
        if (!GpioCommand.TryParseSet(block, out var offset, out var value))
            return block;
        foreach (var start in plan.Start)
        {
            if (GpioCommand.TryParseRequest(start, out var line) && line.Offset == offset)
                return GpioCommand.Request(line with { Direction = GpioDirection.Output, Value = value });
        }

        return block;
    }
}
