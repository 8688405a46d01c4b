using System.Security.Cryptography;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Dtls;

public class DtlsHandshakeTests
{
    [Fact]
    public void Both_sides_get_the_same_keys_mirrored()
    {
        using var pair = new DtlsPair();

        Assert.True(pair.Connect());

        var (client, server) = (pair.Client.KeyingMaterial!, pair.Server.KeyingMaterial!);
        Assert.Equal(client.LocalKey, server.RemoteKey);
        Assert.Equal(client.LocalSalt, server.RemoteSalt);
        Assert.Equal(client.RemoteKey, server.LocalKey);
        Assert.Equal(client.RemoteSalt, server.LocalSalt);
        Assert.NotEqual(client.LocalKey, client.RemoteKey);
        Assert.Equal(Instant.Never, pair.Client.NextTimeout);
        Assert.Equal(Instant.Never, pair.Server.NextTimeout);
    }

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm128HmacSha1Tag80, 12)]
    [InlineData(SrtpProfile.AesCm128HmacSha1Tag80, SrtpProfile.AeadAes128Gcm, 14)]
    public void The_servers_order_of_profiles_decides(SrtpProfile preferred, SrtpProfile other, int saltLength)
    {
        using var pair = new DtlsPair(clientProfiles: [other, preferred], serverProfiles: [preferred, other]);

        Assert.True(pair.Connect());

        Assert.Equal(preferred, pair.Client.KeyingMaterial!.Profile);
        Assert.Equal(preferred, pair.Server.KeyingMaterial!.Profile);
        Assert.Equal(saltLength, pair.Client.KeyingMaterial.LocalSalt.Length);
        Assert.Equal(16, pair.Client.KeyingMaterial.LocalKey.Length);
    }

    [Fact]
    public void No_profile_in_common_fails()
    {
        using var pair = new DtlsPair(clientProfiles: [SrtpProfile.AeadAes128Gcm], serverProfiles: [SrtpProfile.AesCm128HmacSha1Tag80]);

        Assert.False(pair.Connect());
        Assert.Contains("profile", pair.Client.Failure ?? pair.Server.Failure);
    }

    [Fact]
    public void Handshakes_complete_under_30_percent_loss()
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            using var pair = new DtlsPair(seed);
            pair.Network.Loss = 0.3;
            pair.Network.Jitter = TimeSpan.FromMilliseconds(30);
            pair.Network.Duplication = 0.1;

            Assert.True(pair.Connect(), $"seed {seed}: {pair.Client.Failure} {pair.Server.Failure}");
        }
    }

    [Fact]
    public void A_lost_flight_is_repeated_after_250_ms_then_at_twice_the_interval()
    {
        using var pair = new DtlsPair();
        var start = pair.Network.Now;
        var sent = new List<double>();
        pair.Network.Filter = (_, path) =>
        {
            if (path.Local.Port == 5000)
                sent.Add(Math.Round((pair.Network.Now - start).TotalMilliseconds));
            return false;
        };

        pair.Network.RunFor(TimeSpan.FromSeconds(31));

        Assert.Equal([0, 250, 750, 1750, 3750, 7750, 11750, 15750, 19750, 23750, 27750], sent);
        Assert.Equal("no handshake within 30 s", pair.Client.Failure);
        Assert.Equal("no handshake within 30 s", pair.Server.Failure);
    }

    [Fact]
    public void The_lost_last_flight_of_the_server_is_repeated_when_the_client_repeats_its_own()
    {
        using var pair = new DtlsPair();
        var swallowed = 0;
        pair.Network.Filter = (datagram, path) =>
            path.Local.Port == 5000 || datagram.Span[0] != 20 || swallowed++ > 0; // ChangeCipherSpec leads the last flight

        Assert.True(pair.Connect());
        Assert.True(swallowed > 1);
    }

    [Theory]
    [InlineData(228)]
    [InlineData(400)]
    public void Messages_in_fragments_are_put_together(int mtu)
    {
        using var pair = new DtlsPair(mtu: mtu);
        pair.Network.Jitter = TimeSpan.FromMilliseconds(40); // reorders them too

        Assert.True(pair.Connect());
        Assert.InRange(pair.Server.LongestDatagram, 100, mtu);
        Assert.InRange(pair.Client.LongestDatagram, 100, mtu);
    }

    [Fact]
    public void Handshake_datagrams_stay_within_1200_bytes()
    {
        using var pair = new DtlsPair();

        Assert.True(pair.Connect());
        Assert.InRange(pair.Server.LongestDatagram, 400, 1200);
        Assert.InRange(pair.Client.LongestDatagram, 400, 1200);
    }

    [Fact]
    public void A_server_with_another_certificate_is_refused()
    {
        using var pair = new DtlsPair(expectedOfServer: [DtlsPair.CreateCertificate(3).Fingerprint]);

        Assert.False(pair.Connect());
        Assert.Contains("certificate", pair.Client.Failure);
        Assert.Contains("bad certificate", pair.Server.Failure); // the alert of RFC 8122 §6.2
        Assert.Null(pair.Client.KeyingMaterial);
        Assert.Null(pair.Server.KeyingMaterial);
    }

    [Fact]
    public void A_client_with_another_certificate_is_refused()
    {
        using var pair = new DtlsPair(expectedOfClient: [DtlsPair.CreateCertificate(3).Fingerprint]);

        Assert.False(pair.Connect());
        Assert.Contains("certificate", pair.Server.Failure);
        Assert.Null(pair.Server.KeyingMaterial);
    }

    [Theory]
    [InlineData("sha-1")]
    [InlineData("md5")]
    public void A_weak_hash_function_alone_is_refused(string hashFunction)
    {
        using var pair = new DtlsPair(expectedOfServer: [DtlsPair.ServerCertificate.Fingerprint with { HashFunction = hashFunction }]);

        Assert.False(pair.Connect());
        Assert.Contains("fingerprint", pair.Client.Failure);
    }

    [Fact]
    public void The_strongest_hash_function_decides()
    {
        var right = Sha512(DtlsPair.ServerCertificate);
        var wrong = Sha512(DtlsPair.ClientCertificate);
        var weaker = DtlsPair.ServerCertificate.Fingerprint;
        using var accepted = new DtlsPair(expectedOfServer: [wrong, weaker, right]);
        using var refused = new DtlsPair(expectedOfServer: [weaker, wrong]);

        Assert.True(accepted.Connect());
        Assert.False(refused.Connect());
    }

    [Fact]
    public void Fingerprints_compare_in_either_case()
    {
        var fingerprint = DtlsPair.ServerCertificate.Fingerprint;
        var lower = Convert.ToHexStringLower(Convert.FromHexString(fingerprint.Value.Replace(":", "", StringComparison.Ordinal)));
        var pairs = string.Join(':', lower.Chunk(2).Select(two => new string(two)));
        using var pair = new DtlsPair(expectedOfServer: [new("SHA-256", pairs)]);

        Assert.True(pair.Connect());
    }

    private static Fingerprint Sha512(DtlsCertificate certificate) =>
        new("sha-512", string.Join(':', SHA512.HashData(certificate.Encoded).Select(octet => octet.ToString("X2", null))));
}
