using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Security;

/// <summary>Who is let in by which policy, and what an offer has to prove.</summary>
public sealed class ProofTests : IDisposable
{
    private const string Session = "session-0001";
    private const string Fingerprint = "sha-256 AB:CD";

    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly DeviceKeys _keys = DeviceKeys.CreateForThisRun();
    private readonly TokenForge _forge;
    private readonly AccessPolicy _tokens;
    private readonly AccessPolicy _bearer;
    private readonly AccessPolicy _open;

    public ProofTests()
    {
        _forge = new(_keys.Signing, _time);
        _tokens = new(AccessMode.Tokens, "dev", _keys.Signing, _time);
        _bearer = new(AccessMode.Bearer, "dev", _keys.Signing, _time);
        _open = new(AccessMode.Open, "dev", _keys.Signing, _time);
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _bearer.Dispose();
        _open.Dispose();
        _forge.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public void A_proof_by_the_holder_opens()
    {
        var admission = Admit(_forge.Offer(Session, Fingerprint));

        Assert.Equal(("Ann", AccessScope.All), (admission.Grant!.Name, admission.Grant.Scopes));
        Assert.NotNull(admission.Grant.Holder);
        Assert.NotNull(Admit(_forge.Offer(Session, ""), fingerprint: "").Grant); // a hello
    }

    [Fact]
    public void A_token_without_its_key_is_refused_each_time_for_its_own_reason()
    {
        var good = _forge.Offer(Session, Fingerprint);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Equal(AccessRefusal.NoToken, Admit(Credentials.None).Refusal);
        Assert.Equal(AccessRefusal.NoProof, Admit(good with { Proof = null }).Refusal);
        Assert.Equal(AccessRefusal.NoProof, Admit(good with { Nonce = null }).Refusal);
        Assert.Equal(AccessRefusal.NoProof, Admit(good with { Time = null }).Refusal);
        Assert.Equal(AccessRefusal.MalformedProof, Admit(_forge.Offer(Session, Fingerprint, nonce: TokenForge.Base64(new byte[15]))).Refusal);
        Assert.Equal(AccessRefusal.MalformedProof, Admit(_forge.Offer(Session, Fingerprint, nonce: TokenForge.Base64(new byte[65]))).Refusal);
        Assert.Equal(AccessRefusal.MalformedProof, Admit(good with { Proof = "AAAA" }).Refusal);
        Assert.Equal(AccessRefusal.MalformedProof, Admit(good with { Proof = "no base64!" }).Refusal);
        Assert.Equal(AccessRefusal.WrongProof, Admit(_forge.Offer(Session, Fingerprint, by: other)).Refusal);
        Assert.Equal(AccessRefusal.WrongProof, Admit(good, session: "session-0002").Refusal);
        Assert.Equal(AccessRefusal.WrongProof, Admit(good, fingerprint: "sha-256 AB:CE").Refusal);
        Assert.Equal(AccessRefusal.WrongProof, Admit(good with { Time = good.Time + 1 }).Refusal);
        Assert.Equal(AccessRefusal.WrongProof, Admit(_forge.Offer(Session, Fingerprint, purpose: "edgecam-renew-v1")).Refusal);
        Assert.Equal(AccessRefusal.NoFingerprint, Admit(good, fingerprint: null).Refusal);
        Assert.Equal(AccessRefusal.NotBound, Admit(new(_forge.Token(isBound: false))).Refusal);
        Assert.Equal(0, _tokens.Replays.Count); // nothing of all that takes a place
        Assert.NotNull(Admit(good).Grant);
    }

    [Fact]
    public void What_came_once_does_not_come_twice()
    {
        var seen = _forge.Offer(Session, Fingerprint);
        Assert.NotNull(Admit(seen).Grant);

        Assert.Equal(AccessRefusal.Replayed, Admit(seen).Refusal);
        _time.Advance(TimeSpan.FromSeconds(120));
        Assert.Equal(AccessRefusal.Replayed, Admit(seen).Refusal);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AccessRefusal.StaleProof, Admit(seen).Refusal);
    }

    [Theory]
    [InlineData(-121, false)]
    [InlineData(-120, true)]
    [InlineData(120, true)]
    [InlineData(121, false)]
    public void A_viewers_clock_may_differ_by_two_minutes(int seconds, bool isTaken) =>
        Assert.Equal(isTaken ? AccessRefusal.None : AccessRefusal.StaleProof, Admit(_forge.Offer(Session, Fingerprint, at: _forge.Now + seconds)).Refusal);

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void A_time_that_is_none_is_refused(long at) => Assert.Equal(AccessRefusal.StaleProof, Admit(_forge.Offer(Session, Fingerprint, at: at)).Refusal);

    [Fact]
    public void Places_for_proofs_are_bounded_and_nobody_takes_them_all()
    {
        var window = new ReplayWindow(_time, capacity: 20);
        Assert.Equal([AccessRefusal.None, AccessRefusal.None, AccessRefusal.TooMany], Enumerable.Range(0, 3).Select(i => window.Take("mallory", $"m{i}")));
        for (var i = 0; i < 18; i++)
            Assert.Equal(AccessRefusal.None, window.Take($"holder {i}", $"p{i}"));
        Assert.Equal(AccessRefusal.TooMany, window.Take("late", "l"));
        Assert.Equal(20, window.Count);

        _time.Advance(ReplayWindow.Memory);
        Assert.Equal(AccessRefusal.None, window.Take("late", "l"));
        Assert.Equal(1, window.Count);
    }

    [Fact]
    public void Bearer_takes_a_token_alone_and_still_checks_a_proof_that_is_there()
    {
        Assert.NotNull(_bearer.AdmitOffer("alice", Session, Fingerprint, new(_forge.Token(isBound: false))).Grant);
        Assert.NotNull(_bearer.AdmitOffer("alice", Session, Fingerprint, new(_forge.Token())).Grant);
        Assert.NotNull(_bearer.AdmitOffer("alice", Session, Fingerprint, _forge.Offer(Session, Fingerprint)).Grant);
        Assert.Equal(AccessRefusal.WrongProof, _bearer.AdmitOffer("alice", Session, Fingerprint, _forge.Offer(Session, "sha-256 00")).Refusal);
        Assert.Equal(AccessRefusal.NoProof, _bearer.AdmitOffer("alice", Session, Fingerprint, _forge.Offer(Session, Fingerprint) with { Nonce = null }).Refusal);
        Assert.Equal(AccessRefusal.NoToken, _bearer.AdmitOffer("alice", Session, Fingerprint, Credentials.None).Refusal);
    }

    [Fact]
    public void Open_takes_everybody() => Assert.Equal(AccessScope.All, _open.AdmitOffer("alice", Session, null, Credentials.None).Grant!.Scopes);

    [Fact]
    public void Whoever_may_not_watch_gets_no_session()
    {
        var admission = Admit(_forge.Offer(Session, Fingerprint, _forge.Token("ptz gpio")));

        Assert.Equal((AccessRefusal.MissingScope, 403), (admission.Refusal, admission.Code));
        Assert.Contains("view", admission.Message, StringComparison.Ordinal);
    }

    /// <summary>A broker has seen tokens that are bound to a key, so they open nothing where nothing proves that key.</summary>
    [Fact]
    public void A_header_takes_what_no_broker_has_seen()
    {
        var (bound, unbound) = (_forge.Token(), _forge.Token(isBound: false));
        Assert.NotNull(_tokens.AdmitBearer("HTTP", unbound, isPrivate: true, AccessScope.Manage).Grant);
        Assert.Equal(AccessRefusal.NotSecure, _tokens.AdmitBearer("HTTP", unbound, isPrivate: false, AccessScope.View).Refusal);
        Assert.Equal(AccessRefusal.NoProof, _tokens.AdmitBearer("HTTP", bound, isPrivate: true, AccessScope.View).Refusal);
        Assert.Equal(AccessRefusal.NoToken, _tokens.AdmitBearer("HTTP", null, isPrivate: true, AccessScope.View).Refusal);
        Assert.Equal(AccessRefusal.MissingScope, _tokens.AdmitBearer("HTTP", _forge.Token("view", isBound: false), isPrivate: true, AccessScope.Manage).Refusal);
        Assert.NotNull(_bearer.AdmitBearer("HTTP", bound, isPrivate: false, AccessScope.View).Grant);
        Assert.NotNull(_open.AdmitBearer("HTTP", null, isPrivate: false, AccessScope.View).Grant);
    }

    [Theory]
    [InlineData("v=0\r\na=fingerprint:sha-256 AB:CD\r\n", "sha-256 AB:CD")]
    [InlineData("v=0\na=fingerprint:sha-256 AB:CD\nm=video\na=fingerprint:sha-256 AB:CD\n", "sha-256 AB:CD")]
    [InlineData("v=0\r\na=fingerprint:sha-256 AB:CD\r\nm=video\r\na=fingerprint:sha-256 00:00\r\n", null)] // the engine would take either
    [InlineData("v=0\r\na=fingerprint:sha-256 AB:CD\u2028a=fingerprint:sha-256 00:00\r\n", null)]
    [InlineData("v=0\r\na=fingerprint:sha-256 AB:CD\rA=Fingerprint:sha-256 00:00\r\n", null)]
    [InlineData("v=0\r\n", null)]
    [InlineData("", null)]
    public void An_offer_stands_for_one_certificate(string sdp, string? fingerprint) => Assert.Equal(fingerprint, SdpFingerprint.Of(sdp));

    [Fact]
    public void A_thumbprint_is_what_the_example_of_RFC_9449_says() => Assert.Equal(
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
        new PublicJwk("EC", "P-256", "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA").Thumbprint());

    [Fact]
    public void An_answers_signature_is_checked_by_anybody_with_the_public_key()
    {
        var signature = AnswerSignature.Sign(_keys.Identity, "dev", Session, "v=0\r\na=fingerprint:sha-256 AA\r\n", "v=0\r\na=fingerprint:sha-256 BB\r\n", "nonce");
        var without = AnswerSignature.Sign(_keys.Identity, "dev", Session, "v=0", "v=0\r\na=fingerprint:sha-256 BB\r\n", null);

        // As a viewer does it: the key out of the JWK's two coordinates, and the text as the contract words it.
        var jwk = JsonNode.Parse($$"""{"x":"{{_keys.Identity.Jwk.X}}","y":"{{_keys.Identity.Jwk.Y}}"}""")!;
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Bytes(jwk["x"]!.GetValue<string>()), Y = Bytes(jwk["y"]!.GetValue<string>()) },
        });
        Assert.Equal(64, Bytes(signature).Length);
        Assert.True(key.VerifyData(Encoding.UTF8.GetBytes("edgecam-answer-v1\ndev\nsession-0001\nsha-256 AA\nsha-256 BB\nnonce"), Bytes(signature), HashAlgorithmName.SHA256));
        Assert.True(key.VerifyData(Encoding.UTF8.GetBytes("edgecam-answer-v1\ndev\nsession-0001\n\nsha-256 BB\n"), Bytes(without), HashAlgorithmName.SHA256));
        Assert.False(key.VerifyData(Encoding.UTF8.GetBytes("edgecam-answer-v1\ndev\nsession-0001\nsha-256 AA\nsha-256 CC\nnonce"), Bytes(signature), HashAlgorithmName.SHA256));
    }

    [Fact]
    public void Nothing_secret_stands_in_what_becomes_text()
    {
        var minted = new TokenIssuer("dev", _keys.Signing, _time).Mint(new(AccessScope.View, TimeSpan.FromHours(1)));
        var given = _forge.Offer(Session, Fingerprint);
        var texts = $"{minted} {given} {_keys} {_keys.Signing} {_tokens} {Admit(given with { Token = given.Token![..^4] })}";

        foreach (var secret in new[] { minted.Token, minted.Key!, given.Token, given.Proof!, given.Token.Split('.')[1], _keys.Signing.Use(key => TokenForge.Base64(key.ExportParameters(true).D!)) })
            Assert.DoesNotContain(secret, texts, StringComparison.Ordinal);
    }

    private static byte[] Bytes(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);

    private Admission Admit(Credentials given, string session = Session, string? fingerprint = Fingerprint) => _tokens.AdmitOffer("alice", session, fingerprint, given);
}
