namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>Lines of which never two are on together, such as up and down of one shutter.</summary>
/// <param name="Never">Their names.</param>
internal sealed record GpioInterlockOptions(string[]? Never = null, string? Label = null)
{
    public string[] Never { get; init => field = value ?? []; } = Never ?? [];
}
