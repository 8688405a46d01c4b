using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Control;

/// <summary>JSON-RPC 2.0, by its own examples and by what a hostile viewer sends.</summary>
public sealed class ControlDispatcherTests : IDisposable
{
    private static readonly ControlCaller s_caller = new("alice");

    private readonly DropCounters _drops = new();
    private readonly ControlDispatcher _dispatcher;

    public ControlDispatcherTests()
    {
        var methods = new Dictionary<string, ControlMethod>(
            DeviceMethods.Create(() => new("dev", "Device", "1.2.3", "Raspberry Pi 5", "Debian", 42, 3, [new("cam0", "live", 1280, 720)]), () => new Instant(12_345_678)))
        {
            ["echo"] = (parameters, _, result) =>
            {
                parameters.WriteTo(result);
                return null;
            },
            ["nothing"] = (_, _, _) => null,
            ["refuse"] = (_, _, result) =>
            {
                result.WriteStringValue("left out");
                return ControlError.BadParameters("never good enough");
            },
            ["fault"] = (_, _, _) => throw new InvalidOperationException("bug"),
        };
        _dispatcher = new(methods, _drops, NullLogger<ControlDispatcher>.Instance);
    }

    public void Dispose() => _drops.Dispose();

    [Fact]
    public void Device_info_tells_what_the_device_is()
    {
        var result = Call("""{"jsonrpc":"2.0","id":1,"method":"device.info"}""")!.Value.GetProperty("result");

        Assert.Equal("dev", result.GetProperty("id").GetString());
        Assert.Equal("Raspberry Pi 5", result.GetProperty("model").GetString());
        Assert.Equal(42, result.GetProperty("uptimeSeconds").GetInt32());
        Assert.Equal(3, result.GetProperty("viewers").GetInt32());
        Assert.Equal("live", result.GetProperty("cameras")[0].GetProperty("state").GetString());
    }

    [Fact]
    public void Device_time_ties_the_asking_viewers_timestamps_to_the_devices_clock()
    {
        const string Request = """{"jsonrpc":"2.0","id":1,"method":"device.time"}""";
        var viewer = new ControlCaller("bob", "cam0", captured => RtpTimestamp.FromInstant(captured, uint.MaxValue));

        using var response = JsonDocument.Parse(_dispatcher.Handle(Encoding.UTF8.GetBytes(Request), viewer)!);
        var result = response.RootElement.GetProperty("result");

        Assert.Equal(1234.5678, result.GetProperty("time").GetDouble());
        Assert.Equal(111_110u, result.GetProperty("rtpTimestamp").GetUInt32()); // 1.2345678 s of 90 kHz, and an offset of −1
        Assert.False(Call(Request)!.Value.GetProperty("result").TryGetProperty("rtpTimestamp", out _));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"echo","params":[1,2]}""", """{"jsonrpc":"2.0","id":1,"result":[1,2]}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"a","method":"echo","params":{"b":null}}""", """{"jsonrpc":"2.0","id":"a","result":{"b":null}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"nothing"}""", """{"jsonrpc":"2.0","id":null,"result":null}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1.50,"method":"nothing","params":[]}""", """{"jsonrpc":"2.0","id":1.50,"result":null}""")]
    [InlineData(""" [ {"jsonrpc":"2.0","id":1,"method":"nothing"} , {"jsonrpc":"2.0","method":"nothing"}, 7 ] """,
        """[{"jsonrpc":"2.0","id":1,"result":null},{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}}]""")]
    public void A_request_is_answered(string request, string response) => Assert.Equal(response, Text(request));

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"nothing"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"nosuch"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"refuse","params":[]}""")]
    [InlineData("""[{"jsonrpc":"2.0","method":"nothing"},{"jsonrpc":"2.0","method":"nosuch"}]""")]
    public void A_notification_is_not_answered(string request) => Assert.Null(Text(request));

    [Theory]
    [InlineData("", -32700, "null")]
    [InlineData("{", -32700, "null")]
    [InlineData("{} {}", -32700, "null")]
    [InlineData("\uFFFF\u0000", -32700, "null")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", -32700, "null")]
    [InlineData("[]", -32600, "null")]
    [InlineData("1", -32600, "null")]
    [InlineData("{}", -32600, "null")]
    [InlineData("""{"jsonrpc":"1.0","id":4,"method":"nothing"}""", -32600, "4")]
    [InlineData("""{"jsonrpc":"2.0","id":4}""", -32600, "4")]
    [InlineData("""{"jsonrpc":"2.0","id":4,"method":7}""", -32600, "4")]
    [InlineData("""{"jsonrpc":"2.0","id":4,"method":"nothing","params":"x"}""", -32600, "4")]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"nothing"}""", -32600, "null")]
    [InlineData("""{"jsonrpc":"2.0","id":4,"method":"nosuch"}""", -32601, "4")]
    [InlineData("""{"jsonrpc":"2.0","id":4,"method":"refuse"}""", -32602, "4")]
    [InlineData("""{"jsonrpc":"2.0","id":4,"method":"device.info","params":[1]}""", -32602, "4")]
    [InlineData("""{"jsonrpc":"2.0","id":4,"method":"fault"}""", -32603, "4")]
    public void A_mistake_has_its_code(string request, int code, string id)
    {
        var response = Call(request)!.Value;

        Assert.Equal(code, response.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(id, response.GetProperty("id").GetRawText());
        Assert.False(response.TryGetProperty("result", out _));
    }

    [Fact]
    public void Messages_and_batches_are_bounded()
    {
        var request = """{"jsonrpc":"2.0","id":1,"method":"nothing"}""";
        Assert.Equal(-32600, Call(new string(' ', ControlDispatcher.MaxMessage) + request)!.Value.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(1, _drops[Stage.Control, DropReason.Oversized]);

        Assert.Equal(ControlDispatcher.MaxBatch, Call($"[{string.Join(',', Enumerable.Repeat(request, ControlDispatcher.MaxBatch))}]")!.Value.GetArrayLength());
        Assert.Equal(-32600, Call($"[{string.Join(',', Enumerable.Repeat(request, ControlDispatcher.MaxBatch + 1))}]")!.Value.GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public void No_bytes_make_it_throw()
    {
        var random = new Random(7);
        var seed = """[{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":[1,"b",null,true]}}]"""u8.ToArray();
        for (var i = 0; i < 5000; i++)
        {
            var message = seed.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
                message[random.Next(message.Length)] = (byte)random.Next(256);
            if (_dispatcher.Handle(message.AsSpan(0, random.Next(message.Length + 1)), s_caller) is { } response)
                Assert.NotEqual(JsonValueKind.Undefined, JsonElement.Parse(response).ValueKind);
        }
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"\ud800"}""")]
    [InlineData("""{"jsonrpc":"\udfff","id":1,"method":"device.info"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"\ud800","method":"device.info"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"\ud800":2,"method":"device.info"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method\udfff":2}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"echo","params":["\udc00\ud800"]}""")]
    [InlineData("""[{"jsonrpc":"2.0","id":"\ud800\ud800","method":"\ud800"},{"jsonrpc":"2.0","id":2,"method":"\ud800"}]""")]
    public void Half_a_surrogate_pair_anywhere_is_no_fault_of_ours(string request)
    {
        Assert.NotNull(Text(request));
        Assert.Equal(0, _drops[Stage.Control, DropReason.Fault]);
    }

    private string? Text(string request) => _dispatcher.Handle(Encoding.UTF8.GetBytes(request), s_caller) is { } response ? Encoding.UTF8.GetString(response) : null;

    private JsonElement? Call(string request) => Text(request) is { } response ? JsonElement.Parse(response) : null;
}
