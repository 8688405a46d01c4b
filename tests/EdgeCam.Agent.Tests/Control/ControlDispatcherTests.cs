using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Control;

/// <summary>JSON-RPC 2.0, by its own examples and by what a hostile viewer sends.</summary>
public sealed class ControlDispatcherTests : IDisposable
{
    private readonly ControlRig _rig = new([
        .. DeviceMethods.Create(() => new("dev", "Device", "1.2.3", "Raspberry Pi 5", "Debian", 42, 3, new("set", true), [new("cam0", "live", 1280, 720)]), () => new Instant(12_345_678)),
        ControlMethod.Immediate("sum", AccessScope.View, "", [new("a", ParameterKind.Number, "", IsRequired: true), new("b", ParameterKind.Number, "", Minimum: -10, Maximum: 10)], call =>
        {
            call.Result.WriteNumberValue(call.Arguments.Number("a")!.Value + (call.Arguments.Number("b") ?? 0));
            return null;
        }),
        ControlMethod.Immediate("nothing", AccessScope.View, "", [], _ => null),
        ControlMethod.Immediate("move", AccessScope.Ptz, "", [], _ => null) with { IsFast = true },
        ControlMethod.Immediate("refuse", AccessScope.View, "", [], call =>
        {
            call.Result.WriteStringValue("left out");
            return ControlError.BadParameters("never good enough");
        }),
        ControlMethod.Immediate("fault", AccessScope.View, "", [], _ => throw new InvalidOperationException("bug")),
    ]);

    private DropCounters Drops => _rig.Drops;

    public void Dispose() => _rig.Dispose();

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
        var viewer = ControlRig.Alice with { Camera = "cam0", TimestampAt = captured => RtpTimestamp.FromInstant(captured, uint.MaxValue) };

        using var response = JsonDocument.Parse(_rig.Text(Request, viewer)!);
        var result = response.RootElement.GetProperty("result");

        Assert.Equal(1234.5678, result.GetProperty("time").GetDouble());
        Assert.Equal(111_110u, result.GetProperty("rtpTimestamp").GetUInt32()); // 1.2345678 s of 90 kHz, and an offset of −1
        Assert.False(Call(Request)!.Value.GetProperty("result").TryGetProperty("rtpTimestamp", out _));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"sum","params":[1,2]}""", """{"jsonrpc":"2.0","id":1,"result":3}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"a","method":"sum","params":{"a":4,"b":null,"c":[]}}""", """{"jsonrpc":"2.0","id":"a","result":4}""")]
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
        Assert.Equal(1, Drops[Stage.Control, DropReason.Oversized]);

        Assert.Equal(ControlDispatcher.MaxBatch, Call($"[{string.Join(',', Enumerable.Repeat(request, ControlDispatcher.MaxBatch))}]")!.Value.GetArrayLength());
        Assert.Equal(-32600, Call($"[{string.Join(',', Enumerable.Repeat(request, ControlDispatcher.MaxBatch + 1))}]")!.Value.GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public void No_bytes_make_it_throw()
    {
        var random = new Random(7);
        var seed = """[{"jsonrpc":"2.0","id":1,"method":"sum","params":{"a":1,"b":[1,"b",null,true]}}]"""u8.ToArray();
        for (var i = 0; i < 5000; i++)
        {
            var message = seed.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
                message[random.Next(message.Length)] = (byte)random.Next(256);
            if (_rig.Handle(message.AsSpan(0, random.Next(message.Length + 1))) is { } response)
                Assert.NotEqual(JsonValueKind.Undefined, JsonElement.Parse(response).ValueKind);
        }
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"\ud800"}""")]
    [InlineData("""{"jsonrpc":"\udfff","id":1,"method":"device.info"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"\ud800","method":"device.info"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"\ud800":2,"method":"device.info"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method\udfff":2}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"sum","params":["\udc00\ud800"]}""")]
    [InlineData("""[{"jsonrpc":"2.0","id":"\ud800\ud800","method":"\ud800"},{"jsonrpc":"2.0","id":2,"method":"\ud800"}]""")]
    public void Half_a_surrogate_pair_anywhere_is_no_fault_of_ours(string request)
    {
        Assert.NotNull(Text(request));
        Assert.Equal(0, Drops[Stage.Control, DropReason.Fault]);
    }

    [Theory]
    [InlineData("""[]""", "a is missing")]
    [InlineData("""{}""", "a is missing")]
    [InlineData("""{"a":null}""", "a is missing")]
    [InlineData("""[1,2,3]""", "it takes 2")]
    [InlineData("""{"a":"1"}""", "a is a number")]
    [InlineData("""{"a":true}""", "a is a number")]
    [InlineData("""{"a":1e999}""", "a is a number")]
    [InlineData("""{"a":1,"b":11}""", "b is a number from -10 to 10")]
    [InlineData("""{"a":1,"b":-10.001}""", "b is a number from -10 to 10")]
    public void Parameters_are_what_the_method_declares(string parameters, string mistake)
    {
        var error = _rig.Call("sum", parameters);

        Assert.Equal(-32602, error.GetProperty("code").GetInt32());
        Assert.Equal($"Invalid params: {mistake}", error.GetProperty("message").GetString());
    }

    [Fact]
    public void A_method_needs_its_scope_and_the_refusal_names_it()
    {
        var error = _rig.Call("move", caller: ControlRig.With(AccessScope.View | AccessScope.Gpio));

        Assert.Equal(-32001, error.GetProperty("code").GetInt32());
        Assert.Equal("ptz", error.GetProperty("data").GetProperty("scope").GetString());
        Assert.NotEmpty(error.GetProperty("data").GetProperty("remedy").GetString()!);
        Assert.Equal(JsonValueKind.Null, _rig.Call("move", caller: ControlRig.With(AccessScope.Ptz)).ValueKind);
        Assert.Equal(1, Drops[Stage.Control, DropReason.Forbidden]);
    }

    [Fact]
    public void What_has_expired_allows_nothing()
    {
        var caller = new ControlCaller("alice", new("Alice", AccessScope.All, Deadline.After(TimeSpan.FromSeconds(1), _rig.Time)));
        Assert.Equal(JsonValueKind.Null, _rig.Call("move", caller: caller).ValueKind);

        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("expired", _rig.Call("move", caller: caller).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_fast_channel_carries_what_may_be_lost_only()
    {
        var fast = ControlRig.Alice with { Origin = CallerOrigin.ControlFast };
        Assert.Equal(JsonValueKind.Null, _rig.Call("move", caller: fast).ValueKind);
        Assert.Equal(-32601, _rig.Call("nothing", caller: fast).GetProperty("code").GetInt32());
    }

    [Fact]
    public void The_methods_list_themselves_as_json_schema()
    {
        var methods = _rig.Call("device.methods").GetProperty("methods").EnumerateArray().ToDictionary(method => method.GetProperty("name").GetString()!);

        Assert.Contains("device.methods", methods.Keys);
        Assert.Equal("ptz", methods["move"].GetProperty("scope").GetString());
        Assert.Equal(["control", "control-fast"], methods["move"].GetProperty("channels").EnumerateArray().Select(channel => channel.GetString()!));
        var schema = methods["sum"].GetProperty("params");
        Assert.Equal("object", schema.GetProperty("type").GetString());
        Assert.Equal("a", Assert.Single(schema.GetProperty("required").EnumerateArray()).GetString());
        Assert.Equal(-10, schema.GetProperty("properties").GetProperty("b").GetProperty("minimum").GetDouble());
        Assert.Equal("number", schema.GetProperty("properties").GetProperty("a").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Methods_of_a_batch_begin_in_order_and_wait_for_none()
    {
        var first = new TaskCompletionSource<ControlError?>();
        List<string> begun = [];
        using var rig = new ControlRig(
            new ControlMethod("slow", AccessScope.View, "", [], async call =>
            {
                begun.Add("slow");
                var error = await first.Task;
                call.Result.WriteStringValue("late");
                return error;
            }),
            ControlMethod.Immediate("quick", AccessScope.View, "", [], _ =>
            {
                begun.Add("quick");
                return null;
            }));

        var handling = rig.Dispatcher.HandleAsync("""[{"jsonrpc":"2.0","id":1,"method":"slow"},{"jsonrpc":"2.0","id":2,"method":"quick"}]"""u8, ControlRig.Alice);
        Assert.Equal(["slow", "quick"], begun);
        Assert.False(handling.IsCompleted);
        first.SetResult(null);

        Assert.Equal("""[{"jsonrpc":"2.0","id":1,"result":"late"},{"jsonrpc":"2.0","id":2,"result":null}]""", Encoding.UTF8.GetString((await handling)!));
    }

    private string? Text(string request) => _rig.Text(request);

    private JsonElement? Call(string request) => Text(request) is { } response ? JsonElement.Parse(response) : null;
}
