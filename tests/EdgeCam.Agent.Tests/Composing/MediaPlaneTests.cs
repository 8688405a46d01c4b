using System.Collections.Concurrent;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Cameras;
using EdgeCam.Agent.Tests.Peers;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Composing;

/// <summary>The media plane as WHEP uses it, with a clip for a camera.</summary>
public sealed class MediaPlaneTests
{
    [Fact]
    public async Task An_offer_that_is_given_up_while_a_relay_is_awaited_makes_no_viewer()
    {
        var password = Path.Combine(Path.GetTempPath(), $"edgecam-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(password, "a password", TestContext.Current.CancellationToken);
        var options = new AgentOptions(
            Device: new(Id: "dev"),
            Cameras: [new("cam0", $"file:{CameraRig.ShippedClip.FullName}")],
            Peers: new(Port: 0, TurnServers: [new($"turn:127.0.0.1:{FreePort.Udp()}?transport=udp", "alice", password)])); // nobody is there
        using var drops = new DropCounters();
        using var stop = new CancellationTokenSource();
        var control = new ControlPlane(new(new([]), TimeProvider.System, drops, NullLogger<ControlDispatcher>.Instance), new(), new(), new(options.Cameras), TimeProvider.System);
        using var plane = new MediaPlane(options, control, drops, new(TimeProvider.System), NullLoggerFactory.Instance);
        File.Delete(password);
        var running = plane.RunAsync(stop.Token);
        try
        {
            await Wait.UntilAsync(() => plane.Cameras[0].State == "live", "the camera");

            using var viewer = new SocketViewer();
            using var given = new CancellationTokenSource();
            var offer = new WhepOffer("session", AccessGrant.Open("bob"), "cam0", viewer.Offer, static () => { }, static () => { });
            var answering = plane.Whep.OfferAsync(offer, given.Token);
            await given.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);
            Assert.Equal(0, plane.ViewerCount);

            Assert.NotNull((await plane.Whep.OfferAsync(offer, CancellationToken.None)).Sdp); // as it would have been answered
            Assert.Equal(1, plane.ViewerCount);
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }
    }

    [Fact]
    public async Task Viewers_that_connect_and_end_are_told_of()
    {
        var options = new AgentOptions(Device: new(Id: "dev"), Cameras: [new("cam0", $"file:{CameraRig.ShippedClip.FullName}")], Peers: new(Port: 0));
        using var drops = new DropCounters();
        using var stop = new CancellationTokenSource();
        var control = new ControlPlane(new(new([]), TimeProvider.System, drops, NullLogger<ControlDispatcher>.Instance), new(), new(), new(options.Cameras), TimeProvider.System);
        using var plane = new MediaPlane(options, control, drops, new(TimeProvider.System), NullLoggerFactory.Instance);
        var changes = new ConcurrentQueue<ViewerChange>();
        plane.OnViewerChanged = changes.Enqueue;
        var running = plane.RunAsync(stop.Token);
        try
        {
            await Wait.UntilAsync(() => plane.Cameras[0].State == "live", "the camera");
            using var viewer = new SocketViewer();
            using var other = new SocketViewer();
            var offer = new WhepOffer("session", AccessGrant.Open("bob"), "cam0", viewer.Offer, static () => { }, static () => { });
            viewer.Begin((await plane.Whep.OfferAsync(offer, CancellationToken.None)).Sdp!);
            Assert.NotNull((await plane.Whep.OfferAsync(offer with { Session = "other", Sdp = other.Offer }, CancellationToken.None)).Sdp); // never connects
            await Wait.UntilAsync(() => !changes.IsEmpty, "it has connected");
            plane.Close("session");
            plane.Close("other");
            await Wait.UntilAsync(() => plane.ViewerCount == 0 && changes.Count == 2, "it has gone");

            Assert.Equal([("session", "cam0", null), ("session", "cam0", "local")], changes.Select(static change => (change.Key, change.Camera, change.Reason)));
            Assert.True(plane.Streams[0] is { Camera: "cam0", Pictures: > 0, KeyFrames: > 0 }, plane.Streams[0].ToString());
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }
    }
}
