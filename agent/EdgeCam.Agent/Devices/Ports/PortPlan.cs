namespace EdgeCam.Agent.Devices.Ports;

/// <summary>A serial line, an I2C device, a PWM channel or a GPIO chip, and what makes what hangs on it safe.</summary>
/// <param name="Name">For people: <c>ptz cam0</c>, <c>gpio</c>.</param>
/// <param name="Uri"><c>serial:/dev/ttyUSB0?baud=2400</c>, <c>i2c:/dev/i2c-1?address=0x40</c>, <c>pwm:/sys/class/pwm/pwmchip0?channel=0</c>, <c>gpio:/dev/gpiochip0</c>.</param>
/// <param name="Start">What is written once it is open, before anything else; a line that is refused holds up no other.</param>
/// <param name="Safe">What the guard writes by itself when the agent falls silent or ends, and <c>edgecam safe</c> on demand.</param>
internal sealed record PortPlan(string Name, string Uri, IReadOnlyList<byte[]> Start, IReadOnlyList<byte[]> Safe);
