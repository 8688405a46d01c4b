using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>A head that moves a camera, or the picture inside it.</summary>
/// <param name="Camera">The camera it carries.</param>
/// <param name="Driver"><c>pelco-d:/dev/ttyUSB0?address=1&amp;baud=2400</c>, <c>visca:/dev/ttyUSB0?address=1&amp;baud=9600</c>, <c>pca9685:/dev/i2c-1?address=0x40</c>, <c>pwm:/sys/class/pwm/pwmchip0</c>, <c>digital:</c>.</param>
/// <param name="LeaseSeconds">How long control stays with an operator after the last command.</param>
/// <param name="StopAfterMilliseconds">A move stops so long after the operator's last message.</param>
internal sealed record PtzOptions(
    string Camera,
    string Driver,
    [property: Range(1, 300)] int LeaseSeconds = 10,
    [property: Range(100, 400)] int StopAfterMilliseconds = 300,
    PtzAxisOptions? Pan = null,
    PtzAxisOptions? Tilt = null,
    PtzAxisOptions? Zoom = null)
{
    [ValidateObjectMembers]
    public PtzAxisOptions Pan { get; init => field = value ?? new(); } = Pan ?? new();

    [ValidateObjectMembers]
    public PtzAxisOptions Tilt { get; init => field = value ?? new(); } = Tilt ?? new();

    [ValidateObjectMembers]
    public PtzAxisOptions Zoom { get; init => field = value ?? new(); } = Zoom ?? new();
}
