using System.Diagnostics.Metrics;
using System.Text.Json;
using EdgeCam.Agent.Control;

namespace EdgeCam.Agent.Tests.Control;

/// <summary>What viewers report of the picture.</summary>
public sealed class CameraMethodsTests : IDisposable
{
    private readonly ViewerMetrics _metrics = new();
    private readonly MeterListener _listener = new();
    private readonly List<(double Seconds, object? Camera)> _recorded = [];
    private readonly ControlRig _rig;

    public CameraMethodsTests()
    {
        _rig = new(CameraMethods.Create(_metrics));
        var ours = $"of {Guid.NewGuid()}"; // other tests' instruments have the same name
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "edgecam.viewer.latency")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            if (Equals(tags[0].Value, ours))
                _recorded.Add((value, tags[0].Key));
        });
        _listener.Start();
        Caller = ControlRig.Alice with { Camera = ours };
    }

    private ControlCaller Caller { get; }

    public void Dispose()
    {
        _rig.Dispose();
        _listener.Dispose();
        _metrics.Dispose();
    }

    [Theory]
    [InlineData("""{"median":83.5}""", 0.0835)]
    [InlineData("""{"median":0,"more":[]}""", 0.0)]
    [InlineData("""{"median":60000}""", 60.0)]
    [InlineData("""[80]""", 0.08)]
    public void A_viewers_latency_is_measured_by_camera(string parameters, double seconds)
    {
        Assert.Null(Report(parameters, Caller));
        Assert.Equal([(seconds, "camera")], _recorded);
    }

    [Theory]
    [InlineData("""{"median":60000.1}""")]
    [InlineData("""{"median":-1}""")]
    [InlineData("""{"median":1e999}""")]
    [InlineData("""{"median":"80"}""")]
    [InlineData("""{}""")]
    [InlineData("""[80,1]""")]
    public void What_is_no_latency_is_refused(string parameters)
    {
        Assert.Equal(-32602, Report(parameters, Caller));
        Assert.Empty(_recorded);
    }

    [Fact]
    public void An_operator_has_no_picture_to_measure() =>
        Assert.Equal(-32602, Report("""{"median":80}""", ControlRig.Alice));

    /// <returns>The error's code; null where it is taken.</returns>
    private int? Report(string parameters, ControlCaller caller) =>
        _rig.Call("camera.reportLatency", parameters, caller) is { ValueKind: JsonValueKind.Object } error ? error.GetProperty("code").GetInt32() : null;
}
