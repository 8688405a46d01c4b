using System.Globalization;

namespace EdgeCam.Agent.Devices.Board;

/// <summary>
/// What the Raspberry Pi's firmware tells of power and heat: its word "throttled" (documentation of <c>vcgencmd get_throttled</c>). Bits 0 to
/// 3 are now: under-voltage, frequency capped, throttled, soft temperature limit; bits 16 to 19 the same since the boot.
/// </summary>
internal readonly record struct FirmwareFlags(uint Word)
{
    private const uint LowVoltage = 1;
    private const uint HeldBack = 0b1110;
    private const int Before = 16;

    public bool UnderVoltage => (Word & LowVoltage) != 0;

    public bool UnderVoltageBefore => (Word >> Before & LowVoltage) != 0;

    public bool Throttled => (Word & HeldBack) != 0;

    public bool ThrottledBefore => (Word >> Before & HeldBack) != 0;

    /// <summary>Hexadecimal, as sysfs has it.</summary>
    public static FirmwareFlags? TryParse(string? text)
    {
        var digits = (text ?? "").Trim();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        return uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var word) ? new(word) : null;
    }
}
