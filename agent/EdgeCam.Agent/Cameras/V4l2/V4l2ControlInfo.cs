namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>A control as a driver describes it (struct v4l2_queryctrl).</summary>
/// <param name="Label">The driver's name for it, such as <c>White Balance, Automatic</c>.</param>
/// <param name="Flags">V4L2_CTRL_FLAG_*.</param>
internal sealed record V4l2ControlInfo(uint Id, V4l2ControlKind Kind, string Label, int Minimum, int Maximum, int Step, int Default, uint Flags)
{
    private const uint Disabled = 0x1, Grabbed = 0x2, ReadOnly = 0x4, Inactive = 0x10, WriteOnly = 0x40;
    private const uint CodecClass = 0x0099_0000;
    private const uint ClassMask = 0x0FFF_0000;

    /// <summary>Of menus: the entries that there are.</summary>
    public IReadOnlyList<(int Value, string Name)> Menu { get; init; } = [];

    /// <summary>As v4l2-ctl writes it: <c>white_balance_automatic</c>.</summary>
    public string Name { get; } = NameOf(Label);

    /// <summary>Whether it is one of the picture's: an encoder's are the agent's own to set, and what has no value is none.</summary>
    public bool IsPicture => (Id & ClassMask) != CodecClass && (Flags & (Disabled | ReadOnly)) == 0 && Enum.IsDefined(Kind);

    /// <summary>It cannot be set now: another one decides instead of it (exposure, while that is automatic), or the device is busy.</summary>
    public bool IsInactive => (Flags & (Inactive | Grabbed)) != 0;

    /// <summary>Whether it has a value that can be read.</summary>
    public bool HasValue => Kind != V4l2ControlKind.Button && (Flags & WriteOnly) == 0;

    /// <summary>What is wrong with a value, in words; null where nothing is.</summary>
    public string? FindMistake(long value) => Kind switch
    {
        V4l2ControlKind.Menu or V4l2ControlKind.NumberMenu when !Menu.Any(entry => entry.Value == value) => $"{Name} is one of {string.Join(", ", Menu.Select(static entry => $"{entry.Value} ({entry.Name})"))}",
        V4l2ControlKind.Number when value < Minimum || value > Maximum => $"{Name} is a whole number from {Minimum} to {Maximum}",
        V4l2ControlKind.Number when Step > 1 && (value - Minimum) % Step != 0 => $"{Name} goes from {Minimum} to {Maximum} in steps of {Step}",
        V4l2ControlKind.Switch when value is not (0 or 1) => $"{Name} is 0 or 1",
        _ => null,
    };

    private static string NameOf(string label)
    {
        Span<char> name = stackalloc char[label.Length];
        var length = 0;
        foreach (var letter in label)
        {
            if (char.IsAsciiLetterOrDigit(letter))
                name[length++] = char.ToLowerInvariant(letter);
            else if (length > 0 && name[length - 1] != '_')
                name[length++] = '_';
        }

        return name[..length].TrimEnd('_').ToString();
    }
}
