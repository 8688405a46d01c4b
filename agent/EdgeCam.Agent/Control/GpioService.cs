using System.Buffers;
using System.Text.Json;
using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Gpio;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Control;

/// <summary>Lines and PWM outputs with their methods, and who is told what changes. It adds itself to the loop, so it is made before that runs.</summary>
internal sealed class GpioService
{
    private readonly ControlAudience _audience;
    private readonly GpioMethods _methods;

    public GpioService(GpioOptions options, IPortOpener opener, DeviceLoop loop, ControlAudience audience, TimeProvider time, DropCounters drops, ILogger<GpioBank> log)
    {
        _audience = audience;
        Bank = new(options, opener, time, drops, log);
        _methods = new(Bank, loop, time);
        Bank.Changed += Tell;
        if (options.Lines.Length + options.Pwm.Length > 0)
            loop.Add(Bank);
        audience.Left += caller => loop.PostTwice(now => Bank.HandleCallerGone(caller, now));
    }

    /// <summary>What to publish as <c>event/gpio</c>: all changes, whoever watches. Called in the device loop; must not wait.</summary>
    public Action<byte[]>? Event { get; set; }

    public GpioBank Bank { get; }

    public IEnumerable<ControlMethod> Methods => _methods.All;

    private void Tell(GpioChange change, IReadOnlyList<string> watchers)
    {
        if (watchers.Count > 0)
        {
            var notification = Notification.Create("gpio.changed", writer => GpioJson.WriteChange(writer, change));
            foreach (var watcher in watchers)
            {
                if (!_audience.Tell(watcher, notification))
                    Bank.Unwatch(watcher); // it left while its request to watch was on its way
            }
        }

        Event?.Invoke(ToJson(change));
    }

    private static byte[] ToJson(GpioChange change)
    {
        var json = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(json);
        GpioJson.WriteChange(writer, change);
        writer.Flush();
        return json.WrittenSpan.ToArray();
    }
}
