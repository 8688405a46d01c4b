namespace EdgeCam.Agent.Devices.Ports;

/// <summary>A port that the guard holds, as its user in the device loop sees it. Only that loop touches it.</summary>
internal interface IDevicePort
{
    PortState State { get; }

    /// <summary>Null unless <see cref="State"/> is <see cref="PortState.Fault"/>.</summary>
    DeviceFault? Fault { get; }

    /// <summary>
    /// Hands over bytes and returns at once: for a serial line what is sent, for I2C one transaction, for PWM and GPIO a command of
    /// <see cref="PwmCommand"/> or <see cref="GpioCommand"/>.
    /// </summary>
    /// <param name="read">Bytes to read in the same I2C transaction.</param>
    /// <param name="tag">Not 0: <see cref="IPortUser.OnReply"/> is wanted, and has it.</param>
    /// <returns>False where the port is not open.</returns>
    bool TryWrite(ReadOnlySpan<byte> data, int read = 0, int tag = 0);
}
