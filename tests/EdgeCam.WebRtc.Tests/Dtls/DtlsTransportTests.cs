using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Dtls;

public class DtlsTransportTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1163)]
    [InlineData(1200)]
    public void Application_data_goes_both_ways_with_its_boundaries(int length)
    {
        using var pair = new DtlsPair();
        Assert.True(pair.Connect());
        var (first, second) = (Bytes(length, seed: 1), Bytes(length, seed: 2));

        Assert.True(pair.Client.Transport.TrySend(first));
        Assert.True(pair.Client.Transport.TrySend(second));
        Assert.True(pair.Server.Transport.TrySend(second));
        pair.Network.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(first, pair.Server.Receive());
        Assert.Equal(second, pair.Server.Receive());
        Assert.Null(pair.Server.Receive());
        Assert.Equal(second, pair.Client.Receive());
        Assert.InRange(pair.Client.LongestDatagram, length, Math.Max(1200, length + DtlsTransport.RecordOverhead));
    }

    [Fact]
    public void Application_data_before_the_handshake_is_refused()
    {
        using var pair = new DtlsPair();

        Assert.False(pair.Client.Transport.TrySend([1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Client.Transport.TrySend(new byte[DtlsTransport.MaxApplicationData + 1]));
    }

    [Fact]
    public void A_full_send_queue_refuses_and_loses_nothing()
    {
        using var pair = new DtlsPair();
        Assert.True(pair.Connect());

        var accepted = 0;
        while (pair.Client.Transport.TrySend(BitConverter.GetBytes(accepted)))
            accepted++;
        pair.Network.RunFor(TimeSpan.FromSeconds(1));

        Assert.InRange(accepted, 32, 1000);
        for (var i = 0; i < accepted; i++)
            Assert.Equal(BitConverter.GetBytes(i), pair.Server.Receive());
        Assert.Null(pair.Server.Receive());
        Assert.True(pair.Client.Transport.TrySend([1]));
    }

    [Fact]
    public void Messages_that_nobody_takes_are_dropped_and_counted()
    {
        using var pair = new DtlsPair();
        Assert.True(pair.Connect());

        for (var i = 0; i < 500; i++)
        {
            Assert.True(pair.Client.Transport.TrySend([(byte)i]));
            pair.Network.RunFor(TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal(500 - 64, pair.Server.Transport.Dropped);
        Assert.True(pair.Server.Transport.IsConnected);
    }

    [Fact]
    public void Close_notify_ends_both_sides()
    {
        using var pair = new DtlsPair();
        Assert.True(pair.Connect());

        pair.Client.Transport.Close();
        pair.Network.RunFor(TimeSpan.FromSeconds(1));

        Assert.True(pair.Server.IsClosed);
        Assert.Null(pair.Server.Failure);
        Assert.False(pair.Server.Transport.IsConnected);
        Assert.False(pair.Server.Transport.TrySend([1]));
        Assert.False(pair.Client.Transport.TrySend([1]));
    }

    [Fact]
    public void Garbage_and_replays_beside_a_connected_association_are_ignored()
    {
        using var pair = new DtlsPair();
        var recorded = new List<byte[]>();
        pair.Network.Filter = (datagram, path) =>
        {
            if (path.Local.Port == 5000)
                recorded.Add(datagram.ToArray());
            return true;
        };
        Assert.True(pair.Connect());
        Assert.True(pair.Client.Transport.TrySend([1, 2, 3]));
        pair.Network.RunFor(TimeSpan.FromSeconds(1));
        var random = new Random(5);

        for (var i = 0; i < 4000; i++)
            pair.Server.HandleDatagram(Hostile(random, recorded, i), default, pair.Network.Now);

        Assert.Equal([1, 2, 3], pair.Server.Receive());
        Assert.Null(pair.Server.Receive()); // no replay came through
        Assert.Null(pair.Server.Failure);
        Assert.True(pair.Client.Transport.TrySend([4]));
        pair.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([4], pair.Server.Receive());
    }

    [Fact]
    public void Garbage_during_the_handshake_does_not_stop_it()
    {
        using var pair = new DtlsPair();
        var random = new Random(6);
        var noise = new byte[200];
        pair.Network.Filter = (_, _) =>
        {
            for (var i = 0; i < 20; i++)
            {
                random.NextBytes(noise);
                noise[0] |= 0x80; // no DTLS content type
                pair.Server.HandleDatagram(noise, default, pair.Network.Now);
                pair.Client.HandleDatagram(noise, default, pair.Network.Now);
            }

            return true;
        };

        Assert.True(pair.Connect());
        Assert.True(pair.Server.Transport.Discarded > 50);
    }

    [Fact]
    public void A_flood_of_handshake_records_is_ended()
    {
        using var pair = new DtlsPair();
        byte[] hello = [22, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFE]; // a fragment of one byte

        for (var i = 0; i < 10_000; i++)
        {
            hello[10] = (byte)i;
            hello[9] = (byte)(i >> 8);
            pair.Server.HandleDatagram(hello, default, pair.Network.Now);
        }

        Assert.NotNull(pair.Server.Failure);
        Assert.Single(pair.Server.Events);
        Assert.Equal(Instant.Never, pair.Server.NextTimeout);
    }

    [Fact]
    public void No_bytes_throw()
    {
        var random = new Random(7);
        for (var round = 0; round < 20; round++)
        {
            using var pair = new DtlsPair(seed: round);
            var recorded = new List<byte[]>();
            pair.Network.Filter = (datagram, path) =>
            {
                var copy = datagram.ToArray();
                recorded.Add(copy);
                var target = path.Local.Port == 5000 ? pair.Server : pair.Client;
                target.HandleDatagram(Hostile(random, recorded, random.Next(4)), default, pair.Network.Now);
                return true;
            };
            pair.Connect(); // may fail: a forged handshake message cannot be told from a real one
        }
    }

    [Fact]
    public void A_disposed_context_leaves_its_transports_working()
    {
        var network = new VirtualNetwork(1);
        var context = new DtlsContext(DtlsPair.ClientCertificate);
        using var transport = new DtlsTransport(context, SetupRole.Active, [DtlsPair.ServerCertificate.Fingerprint], network.Now);
        context.Dispose();

        Assert.True(transport.TryTransmit(new byte[1500], network.Now, out var length));
        Assert.InRange(length, 100, 1200);
    }

    [Fact]
    public void A_certificate_is_not_made_twice_and_its_fingerprint_has_the_form_of_sdp()
    {
        var certificate = DtlsPair.CreateCertificate(1);

        Assert.Matches("^([0-9A-F]{2}:){31}[0-9A-F]{2}$", certificate.Fingerprint.Value);
        Assert.Equal("sha-256", certificate.Fingerprint.HashFunction);
        Assert.NotEqual(certificate.Fingerprint, DtlsPair.ClientCertificate.Fingerprint);
        Assert.True(certificate.NotBefore < certificate.NotAfter);
    }

    private static byte[] Hostile(Random random, List<byte[]> recorded, int kind)
    {
        switch (kind % 4)
        {
            case 0: // noise
                return Bytes(random.Next(0, 1500), random.Next());
            case 1: // noise in a record
                var record = Bytes(13 + (random.Next(2) == 0 ? random.Next(60) : random.Next(1200)), random.Next());
                record[0] = (byte)random.Next(20, 24);
                (record[1], record[2], record[3], record[4]) = (0xFE, 0xFD, 0, (byte)random.Next(2));
                (record[11], record[12]) = ((byte)((record.Length - 13) >> 8), (byte)(record.Length - 13));
                return record;
            case 2 when recorded.Count > 0: // a replay
                return recorded[random.Next(recorded.Count)].ToArray();
            default: // a damaged copy
                var copy = recorded.Count == 0 ? Bytes(50, 1) : recorded[random.Next(recorded.Count)].ToArray();
                copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8));
                return copy;
        }
    }

    private static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
