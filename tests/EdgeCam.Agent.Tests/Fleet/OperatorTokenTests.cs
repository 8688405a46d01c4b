using System.Text;
using EdgeCam.Agent.Fleet;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Fleet;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>Issuers' keys and tokens as the command line makes them, and what a device says of what is signed with them.</summary>
public sealed class OperatorTokenTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-operator-").FullName;
    private readonly DeviceKeys _keys = DeviceKeys.CreateForThisRun();
    private readonly ManualTime _time = new(ManualTime.SetClock);

    private string Key => Path.Combine(_folder, "ops.key");

    private string Set => Path.Combine(_folder, "ops.jwks");

    private string TokenFile => Path.Combine(_folder, "ann.token");

    public void Dispose()
    {
        _keys.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_made_here_lets_in_a_device_of_the_group_and_no_other()
    {
        await MakeAsync("group:porches");
        using var policy = Policy("dev", "porches");
        using var other = Policy("other", "gardens");
        using var token = OperatorToken.Read(TokenFile, _time);
        var request = """{"jsonrpc":"2.0","id":1,"method":"device.info"}"""u8.ToArray();

        var sealedRequest = token.Request(request, "dev", _time.GetUtcNow());
        var (opened, refusal) = new RpcDoor(policy, "dev", _time).Open("operator", sealedRequest);
        Assert.Equal(AccessRefusal.None, refusal);
        Assert.Equal(request, opened!.Value.Body.ToArray());
        Assert.Equal(("Ann", AccessScope.View | AccessScope.Manage), (opened.Value.Grant.Name, opened.Value.Grant.Scopes));
        Assert.Equal(AccessRefusal.WrongAudience, new RpcDoor(other, "other", _time).Open("operator", token.Request(request, "other", _time.GetUtcNow())).Refusal);

        var desired = new SignedDesired(policy, _folder, _time, NullLogger.Instance);
        Assert.Equal(AccessRefusal.None, desired.Open(token.Desired("""{"log":{}}"""u8.ToArray(), "group:porches", _time.GetUtcNow(), TimeSpan.FromDays(1))).Refusal);
        var old = token.Desired("""{"log":{}}"""u8.ToArray(), "dev", _time.GetUtcNow(), TimeSpan.FromMinutes(1));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(AccessRefusal.DesiredExpired, desired.Open(old).Refusal);
    }

    [Fact]
    public async Task A_bearer_token_goes_along_with_the_request()
    {
        await MakeAsync("dev", "--bearer");
        using var policy = Policy("dev", "porches", AccessMode.Bearer);
        using var token = OperatorToken.Read(TokenFile, _time);
        Assert.False(token.IsBound);
        Assert.Equal(AccessRefusal.None, new RpcDoor(policy, "dev", _time).Open("operator", token.Request("{}"u8.ToArray(), "dev", _time.GetUtcNow())).Refusal);
    }

    [Fact]
    public async Task A_key_is_rotated_by_one_more_in_the_set_and_one_less()
    {
        await MakeAsync("dev");
        Assert.Equal(0, (await RunAsync("key", "--out", Key + "2", "--jwks", Set, "--kid", "second")).Exit);
        Assert.Equal(["first", "second"], IssuerKeys.Parse(await File.ReadAllTextAsync(Set), out _).Select(static key => key.Id));
        Assert.Equal(ExitCode.Configuration, (await RunAsync("key", "--out", Key + "3", "--jwks", Set, "--kid", "second")).Exit); // named twice
        Assert.Equal(ExitCode.Configuration, (await RunAsync("key", "--out", Key, "--jwks", Set, "--kid", "third")).Exit); // the file is there
        Assert.Equal(0, (await RunAsync("key", "--retire", "first", "--jwks", Set)).Exit);
        Assert.Equal(["second"], IssuerKeys.Parse(await File.ReadAllTextAsync(Set), out _).Select(static key => key.Id));
        Assert.Equal(ExitCode.Configuration, (await RunAsync("key", "--retire", "second", "--jwks", Set)).Exit); // the only one
        using var policy = Policy("dev", "porches");
        using var token = OperatorToken.Read(TokenFile, _time);
        Assert.Equal(AccessRefusal.UnknownKey, new RpcDoor(policy, "dev", _time).Open("operator", token.Request("{}"u8.ToArray(), "dev", _time.GetUtcNow())).Refusal);
    }

    [Fact]
    public async Task A_link_of_the_devices_own_does_as_well()
    {
        var minted = new TokenIssuer("dev", _keys.Signing, _time).Mint(new(AccessScope.Manage, TimeSpan.FromHours(1)));
        var link = OwnFiles.Write(_folder, "link", $"{minted.Token}\n{TokenLink.Create("https://porch.example/", "dev", null, minted, _keys.Identity.Thumbprint)}\n");
        using var policy = Policy("dev");
        using var token = OperatorToken.Read(link, _time);
        Assert.Equal(AccessRefusal.None, new RpcDoor(policy, "dev", _time).Open("operator", token.Request("{}"u8.ToArray(), "dev", _time.GetUtcNow())).Refusal);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task What_is_wrong_with_a_token_is_named_before_anybody_is_asked()
    {
        await MakeAsync("dev");
        var (token, key) = (File.ReadAllLines(TokenFile)[0], File.ReadAllLines(TokenFile)[1]);
        using var another = DeviceKey.Create();
        var foreign = another.Use(static one => System.Buffers.Text.Base64Url.EncodeToString(one.ExportParameters(true).D));
        Assert.Contains("is not the one that the token is bound to", Problem(OwnFiles.Write(_folder, "a", $"{token}\n{foreign}")), StringComparison.Ordinal);
        Assert.Contains("bound to a key, which is not there", Problem(OwnFiles.Write(_folder, "b", token)), StringComparison.Ordinal);
        Assert.Contains("holds none", Problem(OwnFiles.Write(_folder, "c", "hello")), StringComparison.Ordinal);
        Assert.Contains("is not there", Problem(Path.Combine(_folder, "d")), StringComparison.Ordinal);
        File.SetUnixFileMode(TokenFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains("can be read by others. chmod 600", Problem(TokenFile), StringComparison.Ordinal);
        File.SetUnixFileMode(TokenFile, UnixFileMode.UserRead);
        _time.Advance(TimeSpan.FromHours(9));
        Assert.Contains("expired at", Problem(TokenFile), StringComparison.Ordinal);

        string Problem(string path)
        {
            var failure = Assert.Throws<FleetException>(() => OperatorToken.Read(path, _time));
            Assert.Equal(ExitCode.Configuration, failure.ExitCode);
            Assert.DoesNotContain(key, failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(token, failure.Message, StringComparison.Ordinal);
            return failure.Message;
        }
    }

    [Fact]
    public async Task Neither_a_key_nor_a_token_is_printed_but_in_the_link_that_was_asked_for()
    {
        var made = await RunAsync("key", "--out", Key, "--jwks", Set, "--kid", "first");
        var minted = await RunAsync("token", "--issuer", "ops", "--key", Key, "--audience", "dev", "--out", TokenFile);
        Assert.Equal("", minted.Output);
        foreach (var secret in (await File.ReadAllLinesAsync(TokenFile)).Concat(File.ReadAllLines(Key)).Where(static line => line.Length > 30 && line[0] != '-'))
            Assert.DoesNotContain(secret, made.Output + made.Errors + minted.Output + minted.Errors, StringComparison.Ordinal);
        var link = await RunAsync("token", "--issuer", "ops", "--key", Key, "--audience", "dev", "--scope", "view", "--page", "https://porch.example/", "--device", "dev", "--identity", "abc");
        Assert.StartsWith("https://porch.example/#device=dev&token=ey", link.Output, StringComparison.Ordinal);
        Assert.EndsWith("&identity=abc\n", link.Output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(TokenFile));
    }

    [Fact]
    public void A_profile_is_read_where_it_is_its_users_alone_and_understood()
    {
        var good = OwnFiles.Write(_folder, "fleet.json", """{ "broker": "mqtts://b", "user": "ann", "passwordFile": "secret", /* mine */ "tokenFile": "/abs/token" }""");
        var profile = FleetProfile.Read(good);
        Assert.Equal(("mqtts://b", "ann", Path.Combine(_folder, "secret"), "/abs/token"), (profile.Broker, profile.User, profile.PasswordFile, profile.TokenFile));
        Assert.Contains("is not understood", Problem(OwnFiles.Write(_folder, "typo.json", """{ "brokr": "mqtts://b" }""")), StringComparison.Ordinal);
        File.SetUnixFileMode(good, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", Problem(good), StringComparison.Ordinal);

        static string Problem(string path) => Assert.Throws<FleetException>(() => FleetProfile.Read(path)).Message;
    }

    [Theory]
    [InlineData("list", "--brokr", "x")]
    [InlineData("list", "--broker")]
    [InlineData("list", "--user", "a", "--user", "b")]
    [InlineData("config", "put", "porch")]
    [InlineData("nonsense")]
    [InlineData("token", "--issuer", "ops", "--key", "k", "--audience", "Not A Device", "--out", "x")]
    [InlineData("token", "--issuer", "ops", "--key", "k", "--audience", "dev", "--scope", "everything", "--out", "x")]
    public async Task A_command_line_that_is_not_understood_is_said_so(params string[] arguments)
    {
        var (exit, output, errors) = await RunAsync(arguments);
        Assert.Equal((ExitCode.Usage, ""), (exit, output));
        Assert.Contains("edgecam fleet --help", errors, StringComparison.Ordinal);
    }

    private async Task MakeAsync(string audience, params string[] more)
    {
        Assert.Equal(0, (await RunAsync("key", "--out", Key, "--jwks", Set, "--kid", "first")).Exit);
        Assert.Equal(0, (await RunAsync(["token", "--issuer", "ops", "--key", Key, "--audience", audience, "--name", "Ann", "--out", TokenFile, .. more])).Exit);
    }

    private AccessPolicy Policy(string device, string? group = null, AccessMode mode = AccessMode.Tokens)
    {
        var options = new SecurityOptions(Issuers: File.Exists(Set) ? [new("ops", Set)] : []);
        return new(mode, new TrustStore(device, _keys.Signing, _time, options, group is null ? [] : [group]), _keys.Signing, _time);
    }

    private async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exit = await FleetCommand.RunAsync(arguments, output, errors, _time, CancellationToken.None, width: 0);
        return (exit, output.ToString(), errors.ToString());
    }
}
