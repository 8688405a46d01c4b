using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.M2m;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.H264;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>
/// A camera with a device node, in virtual time: what a driver does when its node is opened, set up, read and taken away. Time passes only
/// while somebody waits; what the test put down for a moment happens when it comes.
/// </summary>
internal sealed class FakeCamera : IV4l2System
{
    public const int Width = 320, Height = 240; // as the sample SPS says

    private readonly PriorityQueue<Action, long> _plans = new();
    private readonly Queue<V4l2Frame> _filled = new();
    private readonly Dictionary<int, byte[]> _bytes = [];
    private long _next;

    public static readonly Instant Beginning = new(TimeSpan.FromHours(1).Ticks);

    public Instant Now { get; private set; } = Beginning;

    public bool IsThere { get; set; } = true;

    /// <summary>Gone while it was open: every call says ENODEV.</summary>
    public bool IsGone { get; set; }

    public int OpenError { get; set; }

    public V4l2Identity Identity { get; set; } = new("uvcvideo", "Test camera", V4l2Capabilities.VideoCapture | V4l2Capabilities.Streaming);

    public List<V4l2PixelFormat> Formats { get; set; } = [new(0x4750_4A4D, "Motion-JPEG"), new(V4l2PixelFormat.H264, "H.264")];

    public Dictionary<uint, V4l2Control> Controls { get; } = [];

    public Dictionary<uint, string> Refused { get; } = [];

    public List<(uint Id, int Value)> Set { get; } = [];

    /// <summary>What it lists of the picture's controls; their values stand in <see cref="Set"/>.</summary>
    public List<V4l2ControlInfo> Infos { get; } = [];

    public Dictionary<uint, List<V4l2SizeRange>> Sizes { get; } = [];

    /// <summary>By format and width.</summary>
    public Dictionary<(uint FourCc, int Width), List<V4l2RateRange>> Rates { get; } = [];

    /// <summary>Makes what the driver says of a format that is set; null: 320x240.</summary>
    public Func<uint, int, int, V4l2Format>? Format { get; set; }

    /// <summary>Pictures that are filled at a time.</summary>
    public int Burst { get; set; } = 1;

    /// <summary>The board's encoders.</summary>
    public Dictionary<string, FakeM2m> Encoders { get; } = [];

    /// <summary>No encoder can be opened; null: all can.</summary>
    public int? EncoderError { get; set; }

    public double? Rate { get; set; } = 25;

    public int StartError { get; set; }

    public int TakeError { get; set; }

    /// <summary>Whether pictures come.</summary>
    public bool IsSending { get; set; } = true;

    /// <summary>Pictures from one IDR picture to the next; the first one has the number <see cref="Position"/>.</summary>
    public int GroupSize { get; set; } = 25;

    public int Position { get; set; }

    /// <summary>Whether an IDR picture has SPS and PPS in front; false: only the very first one.</summary>
    public bool RepeatsHeaders { get; set; } = true;

    /// <summary>Changes a frame before it is given; null leaves it as it is.</summary>
    public Func<V4l2Frame, V4l2Frame>? Change { get; set; }

    /// <summary>Makes a picture's bytes; null: ordinary ones.</summary>
    public Func<int, byte[]>? Encode { get; set; }

    public V4l2Signals Extra { get; set; }

    public V4l2Events Events { get; set; }

    public int Opened { get; private set; }

    public int Open { get; private set; }

    /// <summary>Calls of wait and pause: who keeps a core busy makes many in little time.</summary>
    public int Waits { get; private set; }

    public TimeSpan LongestWait { get; private set; }

    public static byte[] Picture(bool isIdr, bool hasHeaders = true) => isIdr
        ? H264Samples.AnnexB(hasHeaders
            ? [H264Samples.BaselineSps, H264Samples.BaselinePps, H264Samples.Slice(H264Samples.IdrSlices[0], 900)]
            : [H264Samples.Slice(H264Samples.IdrSlices[0], 900)])
        : H264Samples.AnnexB(H264Samples.Slice(H264Samples.PSlices[0], 300));

    /// <summary>Does something when so much time has passed from the beginning.</summary>
    public void At(double seconds, Action action) => _plans.Enqueue(action, TimeSpan.FromHours(1).Ticks + TimeSpan.FromSeconds(seconds).Ticks);

    public bool Exists(string path) => IsThere;

    IV4l2Node IV4l2System.Open(string path)
    {
        Opened++;
        if (OpenError != 0)
            throw new V4l2Exception(V4l2Calls.Open, OpenError);
        var encoder = Encoders.GetValueOrDefault(path);
        if (encoder is null && (!IsThere || path != "/dev/video20"))
            throw new V4l2Exception(V4l2Calls.Open, V4l2Exception.NoEntry);
        Open++;
        return new Node(this, encoder?.Identity);
    }

    public IReadOnlyList<string> ListNodes() => [.. IsThere ? (string[])["/dev/video20"] : [], .. Encoders.Keys];

    IM2mNode IV4l2System.OpenEncoder(string path) =>
        EncoderError is { } error ? throw new V4l2Exception(V4l2Calls.Open, error)
        : Encoders.TryGetValue(path, out var encoder) ? encoder.Open() : throw new V4l2Exception(V4l2Calls.Open, V4l2Exception.NoEntry);

    public void Pause(TimeSpan time, CancellationToken stop) => Wait(time, static () => false);

    /// <summary>Time passes while somebody else is waited for.</summary>
    public void Pass(TimeSpan time)
    {
        for (var until = Now + time; Now < until;)
        {
            if (_plans.TryPeek(out var plan, out var due) && due <= until.Ticks)
            {
                _plans.Dequeue();
                Now = Instant.Max(Now, new(due));
                plan();
            }
            else
            {
                Now = until;
            }
        }
    }

    /// <summary>Lets time pass until there is something, as long as is asked for at most.</summary>
    private bool Wait(TimeSpan time, Func<bool> isThere)
    {
        Waits++;
        Assert.True(Waits < 200_000, "it never waits for anything");
        LongestWait = time > LongestWait ? time : LongestWait;
        var until = Now + time;
        while (!isThere())
        {
            if (!_plans.TryPeek(out var plan, out var due) || due > until.Ticks)
            {
                Now = until;
                return isThere();
            }

            _plans.Dequeue();
            Now = Instant.Max(Now, new(due));
            plan();
        }

        return true;
    }

    private sealed class Node(FakeCamera camera, V4l2Identity? other) : IV4l2Node
    {
        private bool _isDisposed;
        private Instant _due;
        private int _buffers;
        private uint _sequence;

        public V4l2Identity Identify() => Call(V4l2Calls.Identify, 0, other ?? camera.Identity);

        public IReadOnlyList<V4l2PixelFormat> ListFormats() => Call(V4l2Calls.ListFormats, 0, camera.Formats.ToArray());

        public IReadOnlyList<V4l2SizeRange> ListSizes(uint fourCc) => camera.Sizes.GetValueOrDefault(fourCc, []);

        public IReadOnlyList<V4l2RateRange> ListRates(uint fourCc, int width, int height) => camera.Rates.GetValueOrDefault((fourCc, width), []);

        public V4l2Format SetFormat(uint fourCc, int width, int height) =>
            Call(V4l2Calls.SetFormat, 0, camera.Format?.Invoke(fourCc, width, height) ?? new V4l2Format(fourCc, Width, Height, 100_000));

        public IReadOnlyList<V4l2ControlInfo> ListControls() => camera.Infos.ToArray();

        public int? GetControl(uint id) => camera.Set.LastOrDefault(set => set.Id == id) is { Id: > 0 } last ? last.Value : camera.Infos.FirstOrDefault(info => info.Id == id)?.Default;

        public double? SetRate(int picturesPerSecond) => camera.Rate;

        public V4l2Control? FindControl(uint id) => camera.Controls.TryGetValue(id, out var control) ? control : null;

        public void SetControl(uint id, int value)
        {
            _ = Call(V4l2Calls.SetControl, camera.Refused.ContainsKey(id) ? V4l2Exception.Invalid : 0, 0);
            camera.Set.Add((id, value));
        }

        public int MapBuffers(int wanted) => _buffers = Call(V4l2Calls.RequestBuffers, 0, wanted);

        public void Start()
        {
            Assert.True(_buffers > 0);
            _ = Call(V4l2Calls.Start, camera.StartError, 0);
            camera._filled.Clear();
            camera._next = camera.Position;
            _due = camera.Now + TimeSpan.FromMilliseconds(40);
        }

        public V4l2Signals Wait(int milliseconds)
        {
            Assert.False(_isDisposed);
            if (camera.IsGone)
                return V4l2Signals.Fault;
            if (camera.Extra != V4l2Signals.None)
                return camera.Extra;
            var until = camera.Now + TimeSpan.FromMilliseconds(milliseconds);
            while (camera.Now < until && camera._filled.Count == 0)
            {
                camera.Wait(Instant.Min(until, Instant.Max(_due, camera.Now + TimeSpan.FromMilliseconds(1))) - camera.Now, () => camera.IsGone || camera.Extra != V4l2Signals.None);
                if (camera.IsGone)
                    return V4l2Signals.Fault;
                if (camera.Extra != V4l2Signals.None)
                    return camera.Extra;
                if (camera.Now >= _due)
                    Fill();
            }

            return camera._filled.Count > 0 ? V4l2Signals.Picture : V4l2Signals.None;
        }

        public V4l2Events TakeEvents()
        {
            var events = camera.Events;
            (camera.Events, camera.Extra) = (V4l2Events.None, V4l2Signals.None);
            return events;
        }

        public bool TryTake(out V4l2Frame frame)
        {
            _ = Call(V4l2Calls.Dequeue, camera.TakeError, 0);
            return camera._filled.TryDequeue(out frame);
        }

        public ReadOnlySpan<byte> Bytes(scoped in V4l2Frame frame) => camera._bytes[frame.Index].AsSpan(0, frame.Length);

        public ReadOnlySpan<byte> Plane(scoped in V4l2Frame frame, int plane) => camera._bytes[frame.Index];

        public void GiveBack(in V4l2Frame frame) => Assert.True(camera._bytes.Remove(frame.Index));

        public void Dispose()
        {
            camera.Open -= _isDisposed ? 0 : 1;
            _isDisposed = true;
        }

        private void Fill()
        {
            _due += TimeSpan.FromMilliseconds(40);
            for (var i = 0; i < camera.Burst && camera.IsSending; i++)
                FillOne();
        }

        private void FillOne()
        {
            var number = (int)camera._next++;
            var isIdr = number % camera.GroupSize == 0;
            var bytes = camera.Encode?.Invoke(number) ?? Picture(isIdr, camera.RepeatsHeaders || number == 0);
            var frame = new V4l2Frame(number % _buffers, bytes.Length, _sequence++, camera.Now - TimeSpan.FromMilliseconds(7));
            frame = camera.Change?.Invoke(frame) ?? frame;
            camera._bytes[frame.Index] = bytes;
            camera._filled.Enqueue(frame);
        }

        private T Call<T>(string name, int error, T result)
        {
            Assert.False(_isDisposed);
            error = camera.IsGone ? V4l2Exception.NoDevice : error;
            return error == 0 ? result : throw new V4l2Exception(name, error);
        }
    }
}
