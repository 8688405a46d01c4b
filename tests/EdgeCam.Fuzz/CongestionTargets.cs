using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.Fuzz;

internal static class CongestionTargets
{
    private const string Viewer = "0BADCAFE", Media = "00001111";

    /// <summary>Feedback into the estimator of a sender whose packets it names: whatever it says, rate, queue and pace keep their bounds.</summary>
    public static FuzzTarget Estimator() => new(
        "congestion",
        Targets.Hex(
            "8FCD0005" + Viewer + Media + "00000004" + "00000100" + "20040404" + "0404FF00",
            "8FCD0006" + Viewer + Media + "0000000E" + "00000100" + "BFFFC555" + "04040404" + "04040404" + "8FCD0005" + Viewer + Media + "000E0004" + "FFFFFF01" + "20040404" + "0404FF00",
            "8FCD0006" + Viewer + Media + "0001000A" + "80000000" + "D555D555" + "7FFF8000" + "7FFF8000" + "04040404",
            "8FCE0005" + Viewer + "00000000" + "52454D42" + "010FFFFF" + Media,
            "81C90007" + Viewer + Media + "FF7FFFFF" + "00000100" + "00000010" + "00000000" + "00000000"),
        Targets.Hex("8FCD0005", "8FCE0005", "52454D42", "FFFFFF", "800000", "7FFF", "8000", "2FFF", "D555", "0000"),
        FeedSender);

    private static void FeedSender(ReadOnlySpan<byte> input)
    {
        var now = new Instant(TimeSpan.TicksPerSecond);
        var pool = new AccessUnitPool();
        var protector = new NoProtection();
        var kind = input.Length % 4 == 0 ? FeedbackKind.Transport : (FeedbackKind)(input.Length % 3);
        var controller = new CongestionController(kind, now);
        var sender = new VideoSender(
            new(102, new(0x1111), "cname", RtxPayloadType: 103, RtxSsrc: new(0x2222), ExtensionIds: new(TransportSequenceNumber: 4)), new SeededSource(), new(now, default))
        {
            Observer = controller,
        };
        controller.Start(remembered: default, isLocal: false, TimeSpan.FromMilliseconds(20), now);
        var buffer = new byte[65_536];
        for (var i = 0; i < 12; i++)
        {
            using var unit = pool.Rent();
            unit.AddNalUnit([0x65, .. Enumerable.Repeat((byte)0x5A, 3000)]);
            unit.IsIdr = true;
            unit.CaptureTime = now;
            H264Packetizer.Packetize(unit, 1100);
            sender.SendFrame(unit, now);
            Drain(sender, controller, protector, buffer, now);
            sender.HandleRtcp(input, now);
            Check(controller);
            now += TimeSpan.FromMilliseconds(40);
            if (controller.NextTimeout <= now)
                controller.HandleTimeout(now);
            Check(controller);
        }

        sender.Dispose();
        Targets.Require(pool.Outstanding == 0, "Every access unit returns to its pool");
    }

    private static void Drain(VideoSender sender, CongestionController controller, NoProtection protector, byte[] buffer, Instant now)
    {
        for (var count = 0; ; count++)
        {
            Targets.Require(count < 1000, "A sender does not send without end");
            var budget = controller.Available(now);
            Targets.Require(budget is 0 or >= RtpLimits.MaxDatagram, "A budget is a datagram at least");
            if (budget == 0 || !(sender.TryTransmit(buffer.AsSpan(0, Math.Min(budget, buffer.Length)), now, protector, out var length, out _)
                    || (controller.WantsPadding && sender.TryTransmitPadding(buffer.AsSpan(0, Math.Min(budget, buffer.Length)), now, protector, out length, out _))))
                return;
            controller.Spend(length, isPadding: false, now);
        }
    }

    private static void Check(CongestionController controller)
    {
        var estimate = controller.Estimate;
        Targets.Require(estimate.Bitrate is >= BandwidthEstimator.Least and <= 200_000_000, "The estimate keeps its bounds");
        Targets.Require(estimate.Loss is >= 0 and <= 1, "Loss is a fraction");
        Targets.Require(estimate.QueueingDelay >= TimeSpan.Zero, "A queue is not negative");
        Targets.Require(controller.PacingBitrate > 0 && controller.QueueLimit > 0, "Something may always leave");
    }
}
