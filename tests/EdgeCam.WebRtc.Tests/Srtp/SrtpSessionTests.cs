using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Srtp;

namespace EdgeCam.WebRtc.Tests.Srtp;

public class SrtpSessionTests
{
    public static TheoryData<SrtpProfile> Profiles { get; } = [SrtpProfile.AesCm128HmacSha1Tag80, SrtpProfile.AeadAes128Gcm];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Headers_stay_readable_and_payloads_come_back(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var sequenceNumber = 1;
        foreach (var (csrcs, extensionWords, payload) in new[] { (0, -1, 1200), (3, -1, 7), (0, 0, 1), (0, 5, 64), (15, 9, 500), (0, -1, 0) })
        {
            var packet = SrtpPair.Rtp(sequenceNumber++, csrcs: csrcs, extensionWords: extensionWords, payload: payload);
            var header = packet.Length - payload;

            var protectedPacket = pair.Protect(packet);

            Assert.Equal(packet[..header], protectedPacket[..header]);
            if (payload >= 7)
                Assert.NotEqual(packet[header..], protectedPacket[header..packet.Length]);
            Assert.Equal(packet, pair.Unprotect(protectedPacket));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Each_direction_has_its_own_keys(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var protectedPacket = pair.Protect(SrtpPair.Rtp(1));

        Assert.False(pair.Sender.TryUnprotect(protectedPacket, out _)); // reflected to its sender
        Assert.Equal(1, pair.Sender.AuthenticationFailed);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Reordered_packets_across_a_rollover_come_back(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var random = new Random(3);
        var packets = Enumerable.Range(65_000, 3000).Select(number => SrtpPair.Rtp(number)).ToArray();
        var inFlight = packets.Select((packet, i) => (Packet: packet, Protected: pair.Protect(packet), At: i + random.Next(40)));

        foreach (var (packet, protectedPacket, _) in inFlight.OrderBy(item => item.At))
            Assert.Equal(packet, pair.Unprotect(protectedPacket));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Several_rollovers_keep_in_step_under_loss(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        for (var number = 60_000; number < 60_000 + (3 * 65_536); number += 977)
        {
            var packet = SrtpPair.Rtp(number, payload: 20);
            Assert.Equal(packet, pair.Unprotect(pair.Protect(packet)));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Streams_roll_over_each_for_itself(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        for (var number = 65_500; number < 65_600; number++)
        {
            foreach (var packet in new[] { SrtpPair.Rtp(number, ssrc: 1), SrtpPair.Rtp(number - 65_400, ssrc: 2) })
                Assert.Equal(packet, pair.Unprotect(pair.Protect(packet)));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Replays_are_refused(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var packets = Enumerable.Range(65_400, 300).Select(number => pair.Protect(SrtpPair.Rtp(number))).ToArray();
        foreach (var packet in packets)
            Assert.NotNull(pair.Unprotect(packet));

        foreach (var packet in packets)
            Assert.Null(pair.Unprotect(packet));

        Assert.Equal(packets.Length, pair.Receiver.Replayed);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_packet_older_than_the_window_is_refused_and_one_inside_is_not(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var packets = Enumerable.Range(1000, 200).Select(number => pair.Protect(SrtpPair.Rtp(number))).ToArray();
        Assert.NotNull(pair.Unprotect(packets[199]));

        Assert.NotNull(pair.Unprotect(packets[199 - 127]));
        Assert.Null(pair.Unprotect(packets[199 - 128]));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Any_changed_bit_is_refused_and_does_not_take_the_packets_place(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var plain = SrtpPair.Rtp(5, payload: 30, extensionWords: 1);
        var rtp = pair.Protect(plain);
        for (var bit = 0; bit < rtp.Length * 8; bit++)
        {
            var damaged = rtp.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(pair.Unprotect(damaged));
        }

        Assert.Equal(plain, pair.Unprotect(rtp));
        Assert.True(pair.Receiver.AuthenticationFailed > 200);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void RTCP_comes_back_once_and_unchanged(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        for (var i = 0; i < 300; i++)
        {
            var plain = SrtpPair.Rtcp(ssrc: (uint)(i % 2), length: 8 + (4 * (i % 20)));
            var rtcp = pair.ProtectRtcp(plain);

            Assert.Equal(plain, pair.UnprotectRtcp(rtcp));
            Assert.Null(pair.UnprotectRtcp(rtcp));
        }

        Assert.Equal(300, pair.Receiver.Replayed);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Any_changed_bit_of_RTCP_is_refused(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var plain = SrtpPair.Rtcp();
        var rtcp = pair.ProtectRtcp(plain);
        for (var bit = 0; bit < rtcp.Length * 8; bit++)
        {
            var damaged = rtcp.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(pair.UnprotectRtcp(damaged));
        }

        Assert.Equal(plain, pair.UnprotectRtcp(rtcp));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Garbage_is_refused_and_counted(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var random = new Random(8);
        const int Rounds = 5000;
        for (var i = 0; i < Rounds; i++)
        {
            var noise = SrtpPair.Bytes(random.Next(0, 80), i);
            if (noise.Length > 0 && i % 2 == 0)
                noise[0] = (byte)((noise[0] & 0x3F) | 0x80);
            Assert.Null(pair.Unprotect(noise));
            Assert.Null(pair.UnprotectRtcp(noise));
        }

        Assert.Equal(2 * Rounds, pair.Receiver.Discarded + pair.Receiver.AuthenticationFailed);
        var packet = SrtpPair.Rtp(1);
        Assert.Equal(packet, pair.Unprotect(pair.Protect(packet)));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_truncation_is_refused(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var rtp = pair.Protect(SrtpPair.Rtp(1, csrcs: 2, extensionWords: 2, payload: 10));
        var rtcp = pair.ProtectRtcp(SrtpPair.Rtcp());

        for (var length = 0; length < rtp.Length; length++)
            Assert.Null(pair.Unprotect(rtp[..length]));
        for (var length = 0; length < rtcp.Length; length++)
            Assert.Null(pair.UnprotectRtcp(rtcp[..length]));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_number_of_streams_is_bounded(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        for (var ssrc = 1u; ssrc <= 64; ssrc++)
            Assert.NotNull(pair.Unprotect(pair.Protect(SrtpPair.Rtp(1, ssrc))));

        Assert.Empty(pair.Protect(SrtpPair.Rtp(1, ssrc: 65)));
        Assert.Equal(1, pair.Sender.Refused);
        Assert.NotNull(pair.Unprotect(pair.Protect(SrtpPair.Rtp(2, ssrc: 30))));
    }

    [Fact]
    public void AES_GCM_never_uses_a_nonce_twice_and_AES_CM_repeats_a_packet_as_it_was()
    {
        using var gcm = new SrtpPair(SrtpProfile.AeadAes128Gcm);
        using var cm = new SrtpPair(SrtpProfile.AesCm128HmacSha1Tag80);
        var packet = SrtpPair.Rtp(7);
        var first = cm.Protect(packet);
        Assert.NotEmpty(gcm.Protect(packet));

        Assert.Equal(first, cm.Protect(packet));
        Assert.Empty(gcm.Protect(packet));
        Assert.Equal(1, gcm.Sender.Refused);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Nothing_is_allocated_per_packet(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        byte[] rtp = new byte[1300], rtcp = new byte[200];
        var (plainRtp, plainRtcp) = (SrtpPair.Rtp(0, payload: 1150, extensionWords: 3), SrtpPair.Rtcp());
        var sequenceNumber = 20;
        Run(1, 10);

        Assert.Equal(0, Allocated.By(() => Run(2, 1000)));
        Assert.Equal(0, pair.Receiver.Discarded + pair.Receiver.Replayed + pair.Receiver.AuthenticationFailed + pair.Sender.Refused);

        void Run(byte ssrc, int count)
        {
            for (var i = 0; i < count; i++)
            {
                plainRtp.CopyTo(rtp, 0);
                sequenceNumber++;
                (rtp[2], rtp[3]) = ((byte)(sequenceNumber >> 8), (byte)sequenceNumber);
                rtp[8] = ssrc;
                rtp[9] = (byte)(i % 2);
                var length = pair.Sender.Protect(rtp, plainRtp.Length);
                pair.Receiver.TryUnprotect(rtp.AsSpan(0, length), out _);
                plainRtcp.CopyTo(rtcp, 0);
                length = pair.Sender.ProtectRtcp(rtcp, plainRtcp.Length);
                pair.Receiver.TryUnprotectRtcp(rtcp.AsSpan(0, length), out _);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_disposed_session_throws_and_does_not_touch_freed_memory(SrtpProfile profile)
    {
        var pair = new SrtpPair(profile);
        var protectedPacket = pair.Protect(SrtpPair.Rtp(1));
        pair.Dispose();

        Assert.Throws<ObjectDisposedException>(() => pair.Protect(SrtpPair.Rtp(2)));
        Assert.Throws<ObjectDisposedException>(() => pair.Unprotect(protectedPacket));
    }
}
