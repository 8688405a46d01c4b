using System.Device.I2c;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>A device at an I2C bus of the kernel: <c>i2c:/dev/i2c-1?address=0x40</c>.</summary>
/// <remarks>A transaction that has begun cannot be given up: the kernel's driver bounds it, to a second at most.</remarks>
internal sealed class I2cBusPort : IPort
{
    private const string Prefix = "/dev/i2c-";
    private const int MaxTransaction = 4096;

    private readonly string _path;
    private readonly int _address;
    private readonly I2cDevice _device;

    private I2cBusPort(string path, int address, I2cDevice device) => (_path, _address, _device) = (path, address, device);

    public SafeHandle? Descriptor => null;

    public static I2cBusPort Open(PortUri uri, PortContext context)
    {
        uri.CheckKeys("address");
        var address = uri.Number("address", 0x03, 0x77);
        var error = LibC.CheckAccess(uri.Path);
        if (error != 0)
            throw PortFaults.Open(uri.Path, error, "i2c");
        var device = File.ResolveLinkTarget(uri.Path, returnFinalTarget: true)?.FullName ?? uri.Path;
        if (!device.StartsWith(Prefix, StringComparison.Ordinal) || !int.TryParse(device.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var bus))
            throw new PortException(new($"{uri.Path} is no I2C bus", "Name one, such as /dev/i2c-1; 'ls /dev/i2c-*' lists them."));
        return new(uri.Path, address, I2cDevice.Create(new(bus, address)));
    }

    public void Receive()
    {
    }

    public byte[] Write(ReadOnlySpan<byte> data, int read)
    {
        if (data.Length > MaxTransaction || read is < 0 or > MaxTransaction)
            throw I2cFaults.TooLong(_path);
        var answer = new byte[read];
        try
        {
            if (read == 0)
                _device.Write(data);
            else if (data.Length == 0)
                _device.Read(answer);
            else
                _device.WriteRead(data, answer);
            return answer;
        }
        catch (IOException failure)
        {
            // The library says errno in words only: 121 is EREMOTEIO and 6 ENXIO, which is how drivers say "no acknowledge".
            var isNoAcknowledge = failure.Message.Contains("121", StringComparison.Ordinal) || failure.Message.Contains("Error 6", StringComparison.Ordinal);
            throw I2cFaults.Failed(_path, _address, isNoAcknowledge);
        }
    }

    public bool Hurry() => false;

    public void Dispose() => _device.Dispose();
}
