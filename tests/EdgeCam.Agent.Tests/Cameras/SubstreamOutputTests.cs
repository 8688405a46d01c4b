using EdgeCam.Agent.Cameras;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>A substream whose encoder fails, beside a main stream that does not, in virtual time.</summary>
public sealed class SubstreamOutputTests : IDisposable
{
    private const int Rate = 10;

    private readonly EncoderPlan _plan = EncoderPlan.From(new("cam0", "exec:", 128, 128, Rate, KeyFrameInterval: 5, Encoder: "software"));
    private readonly AccessUnitPool _pool = new();
    private readonly Sink _mainSink = new();
    private readonly Sink _sink = new();
    private readonly List<Instant> _opened = [];
    private readonly List<string> _blamed = [];
    private readonly EncoderOutput _main;
    private Func<EncoderSettings, IPictureEncoder> _open = EncoderOutput.OpenSoftware;
    private Instant _now = new(TimeSpan.TicksPerHour);

    public SubstreamOutputTests() => _main = new(_plan.Main, new(_plan.Main.Bitrate), new("cam0", _mainSink, NullLogger.Instance), _pool);

    public void Dispose()
    {
        _main.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void An_encoder_that_fails_at_work_costs_the_substream_alone_and_is_opened_again()
    {
        _open = settings => _opened.Count == 1 ? new Failing(settings, after: 3) : EncoderOutput.OpenSoftware(settings);
        using (var encoders = Encoders())
        {
            Encode(encoders, seconds: 10);
            Assert.Null(encoders.Failure ?? encoders.Fault);
            Assert.Equal(Rate * 10, encoders.Pictures);
        }

        Assert.Equal([CameraState.Live], _mainSink.States);
        Assert.Equal([CameraState.Live, CameraState.Refused, CameraState.Live, CameraState.Starting], _sink.States);
        Assert.Equal(("the board's encoder fails", 2), (Assert.Single(_blamed), _opened.Count));
        Assert.InRange((_opened[1] - _opened[0]).TotalSeconds, 0.7, 1.1); // three pictures and half a second
    }

    [Fact]
    public void An_encoder_that_cannot_be_opened_is_tried_less_and_less_often()
    {
        _open = static _ => throw new EncoderException("there is none");
        using (var encoders = Encoders())
        {
            Encode(encoders, seconds: 60);
            Assert.Null(encoders.Failure);
            Assert.Equal(Rate * 60, encoders.Pictures);
        }

        Assert.InRange(_opened.Count, 8, 10); // after 0.5, 1, 2, 4, 8 and then each 10 seconds
        Assert.Equal([CameraState.Refused, CameraState.Starting], _sink.States);
        Assert.Empty(_blamed);
    }

    [Fact]
    public void Only_what_the_main_stream_s_encoder_throws_is_its_fault()
    {
        using var main = new EncoderOutput(_plan.Main, new(_plan.Main.Bitrate), new("cam0", _mainSink, NullLogger.Instance), _pool, settings => new Failing(settings, after: 2));
        using var encoders = new AgentEncoders(main, null, null, _blamed.Add);
        Encode(encoders, seconds: 0.3);
        Assert.Equal(("the board's encoder fails", "the board's encoder fails"), (encoders.Failure, Assert.Single(_blamed)));
    }

    private AgentEncoders Encoders()
    {
        var control = new EncoderControl(_plan.Substream!.Value.Bitrate) { IsWanted = true };
        return new(_main, new(_plan, control, new("cam0 (substream)", _sink, NullLogger.Instance), _pool, Open, _blamed.Add), null, _blamed.Add);
    }

    private IPictureEncoder Open(EncoderSettings settings)
    {
        _opened.Add(_now);
        return _open(settings);
    }

    private void Encode(AgentEncoders encoders, double seconds)
    {
        for (var i = 0; i < Rate * seconds; i++)
        {
            Assert.True(encoders.TryBegin());
            MovingPicture.Draw(encoders.Main, 128, 128, i);
            encoders.Encode(_now);
            _now += TimeSpan.FromSeconds(1.0 / Rate);
        }
    }

    /// <summary>libx264 that gives up after so many pictures.</summary>
    private sealed class Failing(EncoderSettings settings, int after) : IPictureEncoder
    {
        private readonly IPictureEncoder _encoder = EncoderOutput.OpenSoftware(settings);
        private int _pictures;

        public long Bitrate => _encoder.Bitrate;

        public void Begin() => _encoder.Begin();

        public Span<byte> Plane(int plane, out int stride) => _encoder.Plane(plane, out stride);

        public void SetBitrate(long bitsPerSecond) => _encoder.SetBitrate(bitsPerSecond);

        public void Encode(Instant captureTime, bool isIdrWanted)
        {
            if (_pictures++ == after)
                throw new EncoderException("the board's encoder fails");
            _encoder.Encode(captureTime, isIdrWanted);
        }

        public bool TryTake(out ReadOnlySpan<byte> unit, out Instant captureTime) => _encoder.TryTake(out unit, out captureTime);

        public void Dispose() => _encoder.Dispose();
    }

    private sealed class Sink : IAccessUnitSink
    {
        public List<CameraState> States { get; } = [];

        public void OnAccessUnit(AccessUnit unit)
        {
        }

        public void OnStreamInfo(StreamInfo info)
        {
        }

        public void OnStateChanged(CameraState state, string detail) => States.Add(state);
    }
}
