using EdgeCam.Agent.Devices.Guard;
using EdgeCam.Agent.Devices.Ports;

namespace EdgeCam.Agent.Tests.Guard;

public sealed class GuardMessageTests
{
    private static readonly GuardMessage[] s_all =
    [
        new(GuardMessageKind.Open) { Port = 7, Plan = new("ptz cam0", "serial:/dev/ttyUSB0?baud=2400", [[1, 2], []], [[255, 1, 0]]) },
        new(GuardMessageKind.Write) { Port = 7, Tag = -3, Read = 65535, Data = [1, 2, 3] },
        new(GuardMessageKind.Beat) { Trips = uint.MaxValue },
        new(GuardMessageKind.Opened) { Port = 1 },
        new(GuardMessageKind.Fault) { Port = 2, Fault = new("grün", "") },
        new(GuardMessageKind.Reply) { Port = 2, Tag = int.MaxValue, Data = [9] },
        new(GuardMessageKind.Reply) { Port = 2, Tag = 1, Fault = new("what", "remedy") },
        new(GuardMessageKind.Received) { Port = 3, Data = new byte[4000] },
        new(GuardMessageKind.Tripped) { Trips = 4, Reason = "silent" },
        new(GuardMessageKind.Armed) { Trips = 4 },
        new(GuardMessageKind.Alive),
    ];

    [Fact]
    public void Each_message_survives_the_wire_in_whatever_pieces()
    {
        byte[] stream = [.. s_all.SelectMany(message => message.ToFrame()!)];
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            var frames = new GuardFrames();
            var read = new List<GuardMessage>();
            for (var rest = stream.AsSpan(); rest.Length > 0;)
            {
                var free = frames.Free();
                var count = Math.Min(Math.Min(random.Next(1, 900), rest.Length), free.Length);
                rest[..count].CopyTo(free);
                frames.Advance(count);
                rest = rest[count..];
                while (frames.TryRead(out var message))
                    read.Add(message);
            }

            Assert.False(frames.IsBroken);
            Assert.Equal(s_all.Select(Describe), read.Select(Describe));
        }
    }

    [Fact]
    public void What_is_too_long_is_not_sent()
    {
        Assert.Null(new GuardMessage(GuardMessageKind.Write) { Data = new byte[GuardMessage.MaxLength] }.ToFrame());
        Assert.Null(new GuardMessage(GuardMessageKind.Open) { Plan = new("n", "u", [new byte[70_000]], []) }.ToFrame());
        Assert.NotNull(new GuardMessage(GuardMessageKind.Received) { Data = new byte[GuardMessage.MaxLength - 3] }.ToFrame());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(GuardMessage.MaxLength + 1)]
    public void A_length_that_cannot_be_breaks_the_stream(int length)
    {
        var frames = new GuardFrames();
        frames.Free()[0] = (byte)length;
        frames.Free()[1] = (byte)(length >> 8);
        frames.Advance(2);
        Assert.False(frames.TryRead(out _));
        Assert.True(frames.IsBroken);
    }

    [Fact]
    public void No_bytes_whatever_do_harm_and_what_is_understood_says_the_same_again()
    {
        var random = new Random(11);
        var understood = 0;
        for (var round = 0; round < 200_000; round++)
        {
            var body = s_all[random.Next(s_all.Length)].ToFrame()!.AsSpan(GuardMessage.HeaderLength).ToArray();
            if (random.Next(4) == 0)
                body = body[..random.Next(body.Length + 1)];
            for (var i = random.Next(4); i > 0 && body.Length > 0; i--)
                body[random.Next(Math.Min(body.Length, 40))] = (byte)random.Next(256);
            if (!GuardMessage.TryParse(body, out var message))
                continue;
            understood++;
            var again = message.ToFrame(); // an overlong text may come of bytes that are no UTF-8: each becomes three
            if (again is not null && GuardMessage.TryParse(again.AsSpan(GuardMessage.HeaderLength), out var second))
                Assert.Equal(Describe(message), Describe(second));
        }

        Assert.InRange(understood, 1000, 199_000);
    }

    [Fact]
    public void A_line_that_is_set_to_be_safe_is_taken_with_that_value_where_nobody_holds_it()
    {
        var line = new GpioLineRequest(5, GpioDirection.Output, GpioPull.None, IsActiveLow: true, Value: true, TimeSpan.Zero);
        var plan = new PortPlan("gpio", "gpio:/dev/gpiochip0", [GpioCommand.Request(line)], [GpioCommand.Set(5, false), GpioCommand.Set(6, false)]);

        Assert.Equal([GpioCommand.Request(line with { Value = false }), GpioCommand.Set(6, false)], SafeBlocks.SelfContained(plan));
        Assert.Same(plan.Safe, SafeBlocks.SelfContained(plan with { Uri = "serial:/dev/x" }));
    }

    private static string Describe(GuardMessage message) =>
        $"{message.Kind} {message.Port} {message.Tag} {message.Read} {message.Trips} {message.Reason} {message.Fault} {Convert.ToHexString(message.Data)} "
        + (message.Plan is { } plan ? $"{plan.Name} {plan.Uri} {Hex(plan.Start)} {Hex(plan.Safe)}" : "");

    private static string Hex(IEnumerable<byte[]> blocks) => string.Join(",", blocks.Select(Convert.ToHexString));
}
