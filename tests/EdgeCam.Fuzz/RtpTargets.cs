using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.Fuzz;

internal static class RtpTargets
{
    private const string Viewer = "0BADCAFE", Media = "00001111", Rtx = "00002222";

    public static FuzzTarget Packet() => new(
        "rtp",
        Targets.Hex(
            "80E60001000003E800001111AABBCCDD",
            "90E60001000003E800001111BEDE00021001223300510001AABBCCDD",
            "B2E60001000003E8000011110000000100000002BEDE00010122334455AABB02"),
        Targets.Hex("BEDE0001", "BEDEFFFF", "1000", "F0", "00"),
        input =>
        {
            if (!RtpPacketView.TryParse(input, out var packet))
                return;
            for (var id = 0; id < 16; id++)
                _ = packet.TryGetExtension(id, out _);
            Targets.Require(packet.HeaderSize + packet.Payload.Length <= input.Length, "A payload lies within its packet");
        });

    /// <summary>Feedback to a sender that has sent a few frames: the corpus names its SSRCs and sequence numbers.</summary>
    public static FuzzTarget Feedback() => new(
        "rtcp",
        Targets.Hex(
            "81C90007" + Viewer + Media + "00000000" + "00000100" + "00000010" + "00000000" + "00000000" + "81CD0003" + Viewer + Media + "0001FFFF",
            "80C80006" + Viewer + "E0000000" + "00000000" + "00000000" + "00000001" + "00000001" + "81CA0003" + Viewer + "01036162" + "63000000",
            "81CE0002" + Viewer + Media + "84CE0004" + Viewer + "00000000" + Media + "01000000",
            "8FCD0005" + Viewer + Media + "00010004" + "00000100" + "20040404" + "0404FF00",
            "8FCD0006" + Viewer + Media + "0001000E" + "00000100" + "BFFFC555" + "04040404" + "04040404",
            "8FCE0005" + Viewer + "00000000" + "52454D42" + "010FFFFF" + Media,
            "81CB0001" + Viewer,
            "80CF0004" + Viewer + "04000002" + "E0000000" + "00000000"),
        Targets.Hex(Viewer, Media, Rtx, "81CD0003", "8FCD0005", "81CE0002", "84CE0004", "8FCE0005", "52454D42", "0000FFFF", "FFFF", "2FFF", "3FFF", "7FFF"),
        FeedSender);

    private static void FeedSender(ReadOnlySpan<byte> input)
    {
        Walk(input);
        var now = new Instant(TimeSpan.TicksPerSecond);
        var pool = new AccessUnitPool();
        var protector = new NoProtection();
        var sender = new VideoSender(
            new(102, new(0x1111), "cname", RtxPayloadType: 103, RtxSsrc: new(0x2222), Mid: "0"), new SeededSource(), new(now, default));
        var buffer = new byte[65_536];
        for (var i = 0; i < 3; i++)
        {
            using var unit = pool.Rent();
            unit.AddNalUnit([0x65, .. Enumerable.Repeat((byte)0x5A, 3000)]);
            unit.IsIdr = true;
            unit.CaptureTime = now;
            H264Packetizer.Packetize(unit, 1100);
            sender.SendFrame(unit, now);
            Drain(sender, protector, buffer, now);
            sender.HandleRtcp(input, now);
            Drain(sender, protector, buffer, now);
            _ = sender.TryTakeKeyFrameRequest();
            now += TimeSpan.FromMilliseconds(40);
            sender.HandleTimeout(now);
        }

        sender.Close();
        Drain(sender, protector, buffer, now);
        sender.Dispose();
        Targets.Require(pool.Outstanding == 0, "Every access unit returns to its pool");
    }

    private static void Drain(VideoSender sender, NoProtection protector, byte[] buffer, Instant now)
    {
        for (var count = 0; sender.TryTransmit(buffer, now, protector, out _, out _) || sender.TryTransmitRtcp(buffer, now, protector, out _); count++)
            Targets.Require(count < 1000, "A sender does not send without end");
    }

    private static void Walk(ReadOnlySpan<byte> compound)
    {
        foreach (var packet in new RtcpEnumerator(compound))
        {
            if (GenericNack.TryParse(packet, out var nack))
            {
                foreach (var _ in nack)
                {
                }
            }

            if (TransportFeedback.TryParse(packet, out var feedback))
            {
                var count = 0;
                while (feedback.MoveNext())
                    count++;
                Targets.Require(count == feedback.PacketCount, "A feedback that was taken is whole");
            }

            if (ReceiverReport.TryParse(packet, out var report))
            {
                for (var i = 0; i < report.Count; i++)
                    _ = report[i];
            }

            if (FullIntraRequest.TryParse(packet, out var request))
                _ = request.TryGetCommand(new(0x1111), out _);
            if (Remb.TryParse(packet, out var bitrate))
                Targets.Require(bitrate >= 0, "A bitrate is not negative");
        }
    }
}
