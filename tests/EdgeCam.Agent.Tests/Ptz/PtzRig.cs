using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>A head with its driver and fake ports, in virtual time.</summary>
internal sealed class PtzRig : IPortOpener
{
    public static readonly PtzCaller Ann = new("ann", new("Ann", AccessScope.View | AccessScope.Ptz), IsPresent: true);
    public static readonly PtzCaller Bob = new("bob", new("Bob", AccessScope.View | AccessScope.Ptz), IsPresent: true);
    public static readonly PtzCaller Chief = new("chief", AccessGrant.Open("Chief"), IsPresent: true);
    public static readonly PtzCaller Remote = new("remote", AccessGrant.Open("Remote"), IsPresent: false);


    public PtzRig(PtzOptions options, IRegionOfInterest? region = null)
    {
        Driver = PtzDrivers.Create(options, this, region);
        Head = new(options, PtzDrivers.Limits(options), Driver, new(PresetRecords.Empty, records => Saved = records));
        Head.Changed += (_, status, reason) => Told.Add((Now, status, reason));
    }

    public Instant Now { get; private set; } = new(1);

    public IPtzDriver Driver { get; }

    public PtzHead Head { get; }

    public List<FakePort> Ports { get; } = [];

    public FakePort Port => Ports[0];

    public PresetRecords? Saved { get; private set; }

    public List<(Instant At, PtzStatus Status, PtzChange? Reason)> Told { get; } = [];

    public PtzStatus Status => Head.Status(Now);

    /// <summary>A head that reckons, without any delay of its own to think of.</summary>
    public static PtzRig PelcoD(string more = "", PtzAxisOptions? pan = null)
    {
        var rig = new PtzRig(new("cam0", $"pelco-d:/dev/ttyUSB0?address=1&baud=9600{more}", Pan: pan));
        rig.Port.Open();
        rig.Run(200);
        rig.Port.Written.Clear();
        rig.Told.Clear();
        return rig;
    }

    public IDevicePort Open(PortPlan plan, IPortUser user)
    {
        Ports.Add(new(plan, user, () => Now));
        return Ports[^1];
    }

    /// <summary>Turns of the loop, 20 ms each.</summary>
    public void Run(int milliseconds, Action? each = null)
    {
        for (var i = 0; i < milliseconds / 20; i++)
        {
            Now += TimeSpan.FromMilliseconds(20);
            foreach (var port in Ports)
                port.Deliver();
            Head.Tick(Now);
            each?.Invoke();
        }
    }

    /// <summary>The loop hangs for a while.</summary>
    public void Skip(int milliseconds) => Now += TimeSpan.FromMilliseconds(milliseconds);

    public void RunUntil(Func<bool> done, int most = 60_000)
    {
        for (var i = 0; i < most && !done(); i += 20)
            Run(20);
        Assert.True(done(), $"not within {most} ms");
    }

    public PtzRefusal? Drive(double pan, PtzCaller? caller = null, long? sequence = null) =>
        Head.ContinuousMove(caller ?? Ann, new(Pan: pan), (caller ?? Ann).IsPresent ? null : TimeSpan.FromSeconds(5), sequence, Now);

    public double Position(PtzAxis axis) => Status.Axes.First(one => one.Axis == axis).Position!.Value;
}
