using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Tests.Control;

/// <summary>The log from afar.</summary>
public sealed class LogMethodsTests : IDisposable
{
    private readonly AgentLog _log = new(new(), new ManualTime(ManualTime.SetClock));
    private readonly ControlRig _rig;

    public LogMethodsTests() => _rig = new(LogMethods.Create(_log));

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Lines_are_followed_by_their_numbers()
    {
        Write("one");
        Write("two", LogLevel.Warning);
        var tail = _rig.Call("log.tail", """{"lines":1}""");
        Assert.Equal(("two", "warning", 2L), (tail.GetProperty("lines")[0].GetProperty("text").GetString(), tail.GetProperty("lines")[0].GetProperty("level").GetString(), tail.GetProperty("next").GetInt64()));
        Assert.Equal(0, _rig.Call("log.tail", """{"since":2}""").GetProperty("lines").GetArrayLength());
        Write("three");
        Assert.Equal("three", _rig.Call("log.tail", """{"since":2}""").GetProperty("lines")[0].GetProperty("text").GetString());
        Assert.Equal(1, _rig.Call("log.tail", """{"level":"warning"}""").GetProperty("lines").GetArrayLength());
        Assert.Equal(3, _rig.Call("log.tail", """{"since":700}""").GetProperty("lines").GetArrayLength()); // another run's number
    }

    [Fact]
    public void An_answer_fits_into_a_message_whatever_was_logged()
    {
        for (var i = 0; i < 500; i++)
            Write(new string('"', 1000));

        var response = _rig.Handle("""{"jsonrpc":"2.0","id":1,"method":"log.tail","params":{"lines":500}}"""u8)!;

        Assert.InRange(response.Length, 20_000, ControlDispatcher.MaxMessage - 1000);
        var tail = _rig.Call("log.tail", """{"lines":500}""");
        Assert.True(tail.GetProperty("cut").GetBoolean());
        Assert.Equal(500, tail.GetProperty("lines")[tail.GetProperty("lines").GetArrayLength() - 1].GetProperty("n").GetInt64());
    }

    [Fact]
    public void A_level_is_told_as_it_is_then()
    {
        var set = _rig.Call("log.level", """{"level":"debug","category":"EdgeCam.Agent.Mqtt","seconds":30}""");
        Assert.Equal(("EdgeCam.Agent.Mqtt", "debug", 30L), (set.GetProperty("category").GetString(), set.GetProperty("level").GetString(), set.GetProperty("seconds").GetInt64()));
        Assert.Equal("information", _rig.Call("log.level").GetProperty("level").GetString());
    }

    [Theory]
    [InlineData("log.level", """{"category":"Microsoft","level":"debug"}""", "begins with EdgeCam")]
    [InlineData("log.level", """{"level":"trace"}""", "debug, information, warning, error")]
    [InlineData("log.level", """{"level":"debug","seconds":100000}""", "86400")]
    [InlineData("log.tail", """{"lines":501}""", "500")]
    public void A_mistake_is_named(string method, string parameters, string words) =>
        Assert.Contains(words, _rig.Call(method, parameters).GetProperty("message").GetString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("log.tail")]
    [InlineData("log.level")]
    public void Only_who_manages_the_device_reads_it(string method) =>
        Assert.Equal("manage", _rig.Call(method, caller: ControlRig.With(AccessScope.View | AccessScope.Ptz | AccessScope.Gpio | AccessScope.Record)).GetProperty("data").GetProperty("scope").GetString());

    private void Write(string text, LogLevel level = LogLevel.Information) => _log.Ring.CreateLogger("EdgeCam").Log(level, 0, text, null, static (state, _) => state);
}
