using EdgeCam.Agent.Devices.Ptz;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>Whatever operators have done, however they took turns: once they are silent, the head itself stands.</summary>
public class PtzSilenceTests
{
    private static readonly PtzCaller[] s_callers = [PtzRig.Ann, PtzRig.Bob, PtzRig.Chief];

    [Theory]
    [InlineData("", 1)]
    [InlineData("", 2)]
    [InlineData("&position=query", 3)]
    [InlineData("&position=query", 4)]
    public void A_Pelco_D_head_stands(string more, int seed)
    {
        var rig = new PtzRig(new("cam0", $"pelco-d:/dev/ttyUSB0?address=1&baud=9600{more}"));
        var head = new PelcoDHead();
        rig.Port.Answer = head.Handle;
        Play(rig, new(seed), () => head.Advance(0.02), () => head.IsMoving);
    }

    [Theory]
    [InlineData("&position=reckon", 5)]
    [InlineData("&position=reckon", 6)]
    [InlineData("", 5)]
    [InlineData("", 7)]
    [InlineData("", 8)]
    public void A_VISCA_head_stands(string more, int seed)
    {
        var rig = new PtzRig(new("cam0", $"visca:/dev/ttyUSB0?address=1&baud=9600{more}"));
        var head = new ViscaHead();
        rig.Port.Answer = head.Handle;
        Play(rig, new(seed), () => head.Advance(0.02), () => head.IsMoving);
    }

    [Fact]
    public void Servos_stand()
    {
        var rig = new PtzRig(new("cam0", "pwm:/sys/class/pwm/pwmchip0"));
        var (written, before) = (0, 0);
        Play(rig, new(9), () => (before, written) = (written, rig.Ports.Sum(port => port.Written.Count)), () => written != before);
    }

    private static void Play(PtzRig rig, Random random, Action advance, Func<bool> isMoving)
    {
        foreach (var port in rig.Ports)
            port.Open();
        rig.Run(1500, advance);
        Assert.True(rig.Status.IsReady);
        var hasMoved = false;
        for (var round = 0; round < 150; round++)
        {
            for (var i = random.Next(1, 30); i > 0; i--)
            {
                Act(rig, random);
                rig.Run(20 * random.Next(5), advance);
                hasMoved |= isMoving();
            }

            rig.Run(440, advance);
            Assert.False(rig.Status.IsMoving, $"The agent thinks it moves, round {round}.");
            Assert.False(isMoving(), $"The head moves, round {round}.");
            if (random.Next(3) == 0)
                rig.Run(2500, advance); // control may be taken
        }

        Assert.True(hasMoved);
    }

    private static void Act(PtzRig rig, Random random)
    {
        var caller = s_callers[random.Next(s_callers.Length)];
        var position = new PtzVector(Maybe(random, -1), Maybe(random, -1), Maybe(random, 0));
        switch (random.Next(9))
        {
            case 0:
                rig.Head.AbsoluteMove(caller, position, random.NextDouble() * 2, null, rig.Now);
                break;
            case 1:
                rig.Head.RelativeMove(caller, position, 1, null, rig.Now);
                break;
            case 2:
                rig.Head.Stop(caller, [.. Enum.GetValues<PtzAxis>().Where(_ => random.Next(2) == 0)], null, rig.Now);
                break;
            case 3:
                rig.Head.Acquire(caller, isForced: true, rig.Now);
                break;
            case 4:
                rig.Head.HandleCallerGone(caller.Id, rig.Now);
                break;
            case 5 when random.Next(5) == 0:
                rig.Port.Fail(new("gone", "plug it in"));
                rig.Port.Open();
                break;
            default:
                rig.Head.ContinuousMove(caller, position, null, null, rig.Now);
                break;
        }
    }

    private static double? Maybe(Random random, double least) => random.Next(3) == 0 ? null : least + (random.NextDouble() * (1 - least));
}
