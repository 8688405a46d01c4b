using EdgeCam.Sims.Gpio;
using EdgeCam.Sims.I2c;
using EdgeCam.Sims.Ptz;
using EdgeCam.Sims.World;

namespace EdgeCam.Agent.Tests.Sims;

/// <summary>An agent under test may send anything; a simulated device must not fall over it.</summary>
public sealed class SimulatedHostileBytesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_head_takes_any_bytes(int seed)
    {
        var random = new Random(seed);
        var rig = new SimulatedHeadRig(WireProtocol.Both);
        byte[][] beginnings = [[], [0xFF, 1, 0], [0x81, 0x01, 0x06], [0x81, 0x01, 0x04], [0x81, 0x09], [0x88]];
        for (var i = 0; i < 5000; i++)
        {
            var noise = new byte[random.Next(16)];
            random.NextBytes(noise);
            byte[] bytes = [.. beginnings[random.Next(beginnings.Length)], .. noise, .. random.Next(2) == 0 ? (byte[])[0xFF] : []];
            if (bytes.Length == FrameSplitter.PelcoDLength)
                bytes[^1] = PelcoDReceiver.Checksum(bytes);
            rig.Send(Convert.ToHexString(bytes));
            if (i % 50 == 0)
                rig.Run(0.4);
        }

        Assert.InRange(rig.Head.Pan.Position, -170, 170);
        Assert.InRange(rig.Head.Tilt.Position, -30, 90);
        Assert.InRange(rig.Head.ZoomFactor, 1, 10);
    }

    [Fact]
    public void A_bus_takes_any_transaction()
    {
        var random = new Random(3);
        var device = new I2cDevice(new(0x40), new(HeadOptions.Default), new(Zoom: 2), view: null);
        for (var i = 0; i < 5000; i++)
        {
            var write = new byte[random.Next(20)];
            random.NextBytes(write);
            device.Transfer((byte)(random.Next(3) == 0 ? random.Next(256) : 0x40), write, new byte[random.Next(300)], i * 100_000L);
            device.Advance(i * 100_000L);
        }
    }

    [Fact]
    public void A_request_of_another_length_is_none()
    {
        var random = new Random(4);
        for (var i = 0; i < 5000; i++)
        {
            var body = new byte[random.Next(40)];
            random.NextBytes(body);
            if (GpioRequest.Read(body) is not null)
                Assert.Equal(body.Length, 10 + body[9]);
            else
                Assert.True(body.Length < 10 || body.Length != 10 + body[9] || body[1] > 1 || body[2] > 2);
        }
    }
}
