using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Tests.Control;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Management;

/// <summary>What somebody far away gets to understand a device.</summary>
public sealed class DiagnoseTests : IDisposable
{
    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly DeviceIdentity _device = new("dev", "Porch", "0011", "1.2.3", null);
    private readonly LogRing _log;
    private readonly DropCounters _drops = new();
    private string _metrics = "edgecam_viewers 1\n";

    public DiagnoseTests() => _log = new(_time);

    public void Dispose() => _drops.Dispose();

    [Fact]
    public async Task It_is_fetched_piece_by_piece_and_has_everything_in_it()
    {
        Log("Connected to the broker 192.168.7.20:8883");
        _metrics = string.Join('\n', Enumerable.Range(0, 9000).Select(static i => $"edgecam_{Guid.NewGuid()} {i}")); // does not compress well: several pieces
        using var store = Store(new());
        using var rig = new ControlRig(OperationMethods.Create(Operations(store)));

        var made = rig.Call("device.diagnose");
        var size = made.GetProperty("size").GetInt32();
        Assert.InRange(size, PieceJson.MaxLength + 1, DiagnoseStore.MaxSize);
        Assert.Matches("^edgecam-dev-21000501-120000.json.gz$", made.GetProperty("name").GetString());
        var bytes = new List<byte>();
        for (var isLast = false; !isLast;)
        {
            var piece = rig.Call("device.diagnose", $$"""{"id":"{{made.GetProperty("id").GetString()}}","offset":{{bytes.Count}}}""");
            bytes.AddRange(piece.GetProperty("data").GetBytesFromBase64());
            isLast = piece.GetProperty("last").GetBoolean();
        }

        Assert.Equal(size, bytes.Count);
        Assert.Equal(made.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData([.. bytes])));
        var content = Unpack([.. bytes]);
        Assert.Equal("1.2.3", content.GetProperty("version").GetString());
        Assert.Equal("Pi", content.GetProperty("model").GetString());
        Assert.True(content.GetProperty("status").GetProperty("online").GetBoolean());
        Assert.Equal(1, content.GetProperty("telemetry").GetProperty("v").GetInt32());
        Assert.Equal("broker connection", content.GetProperty("overdueLoops")[0].GetProperty("name").GetString());
        Assert.Equal(8883, content.GetProperty("configuration").GetProperty("mqtt.port").GetInt32());
        Assert.Contains("Connected to the broker (address)", content.GetProperty("log")[0].GetString(), StringComparison.Ordinal);
        Assert.StartsWith("edgecam_", content.GetProperty("metrics").GetString(), StringComparison.Ordinal);
        await Task.CompletedTask;
    }

    [Fact]
    public void One_is_kept_for_five_minutes_and_no_two_are_made_at_once()
    {
        using var store = Store(new());
        using var rig = new ControlRig(OperationMethods.Create(Operations(store)));
        var first = rig.Call("device.diagnose").GetProperty("id").GetString();

        var refused = rig.Call("device.diagnose");
        Assert.Equal((-32029, 10_000L), (refused.GetProperty("code").GetInt32(), refused.GetProperty("data").GetProperty("expiresIn").GetInt64()));
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.NotNull(store.Find(first!));
        Assert.Equal(-32006, rig.Call("device.diagnose", $$"""{"id":"{{first}}","offset":999999}""").GetProperty("code").GetInt32());
        _time.Advance(TimeSpan.FromMinutes(1));
        var gone = rig.Call("device.diagnose", $$"""{"id":"{{first}}"}""");
        Assert.Equal(-32002, gone.GetProperty("code").GetInt32());
        Assert.Contains("without id", gone.GetProperty("data").GetProperty("remedy").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void However_much_there_is_to_tell_it_stays_below_a_mebibyte()
    {
        var random = new Random(7);
        var noise = new char[4000];
        for (var i = 0; i < 400; i++)
        {
            for (var j = 0; j < noise.Length; j++)
                noise[j] = (char)random.Next(0x21, 0xD7FF);
            Log(new string(noise));
        }

        _metrics = string.Concat(Enumerable.Range(0, 600_000).Select(_ => (char)random.Next(0x400, 0xD7FF)));
        using var store = Store(new());
        using var rig = new ControlRig(OperationMethods.Create(Operations(store)));

        Assert.InRange(rig.Call("device.diagnose").GetProperty("size").GetInt32(), 100_000, DiagnoseStore.MaxSize);
    }

    [Theory]
    [InlineData("Viewer x watches cam0 by 192.0.2.7:5000, then", "Viewer x watches cam0 by (address):5000, then")]
    [InlineData("from [2001:db8::17]:50000.", "from [(address)]:50000.")]
    [InlineData("fd12:3456:789a::1 and 10.0.0.1.", "(address) and (address).")]
    [InlineData("at 12:34:56, version 1.2.3, on 127.0.0.1:8080, [::1] and 0.0.0.0", "at 12:34:56, version 1.2.3, on 127.0.0.1:8080, [::1] and 0.0.0.0")]
    [InlineData("""{"at":12,"b":{"c":1.25},"d":"mod::name"}""", """{"at":12,"b":{"c":1.25},"d":"mod::name"}""")]
    public void Addresses_are_taken_out_of_what_is_passed_on(string text, string shown) => Assert.Equal(shown, AddressMask.Hide(text));

    private static JsonElement Unpack(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var text = new StreamReader(gzip, Encoding.UTF8);
        return JsonElement.Parse(text.ReadToEnd());
    }

    private DiagnoseStore Store(TelemetryOptions options) => new(
        _device, options,
        new(static () => [("mqtt.port", "8883")], static () => """{"online":true}"""u8.ToArray(), static () => Task.FromResult("""{"v":1}"""u8.ToArray()), static () => "{}"u8.ToArray(), () => _metrics,
            static () => [new("broker connection", TimeSpan.FromSeconds(3))], _log, new("Pi", "Debian")),
        _time);

    private DeviceOperations Operations(DiagnoseStore store)
    {
        var events = new EventReporter(static () => [], static key => key, static (_, _) => { }, _drops, _time);
        return new(new(_time), new("/nowhere", _time), store, events, NullLogger.Instance);
    }

    private void Log(string text) => _log.CreateLogger("EdgeCam.Agent.Mqtt").Log(LogLevel.Information, 0, text, null, static (state, _) => state);
}
