using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.M2m;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.H264;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>
/// A board's encoder in virtual time: it holds the caller to the order of the kernel's "Stateful Video Encoder Interface", and gives sample
/// pictures of the size that the bitrate stands for.
/// </summary>
/// <param name="camera">Whose time it shares; null: it has its own.</param>
internal sealed class FakeM2m(FakeCamera? camera = null)
{
    private const int Rate = 30;

    public Instant Now
    {
        get => camera?.Now ?? field;
        set
        {
            field = value;
            camera?.Pass(value - camera.Now);
        }
    } = FakeCamera.Beginning;

    public V4l2Identity Identity { get; set; } = new("fake-codec", "Board encoder", V4l2Capabilities.MemoryToMemoryMultiPlanar | V4l2Capabilities.Streaming);

    public List<V4l2PixelFormat> Coded { get; set; } = [new(V4l2PixelFormat.H264, "H.264")];

    public List<V4l2PixelFormat> Raw { get; set; } = [new(V4l2PixelFormat.Nv12, ""), new(V4l2PixelFormat.Yuv420, "")];

    public Dictionary<uint, V4l2Control> Controls { get; } = new()
    {
        [V4l2Control.Bitrate] = new(25_000, 25_000_000), [V4l2Control.GroupOfPictures] = new(1, 1000), [V4l2Control.ForceKeyFrame] = new(0, 0), [V4l2Control.BFrames] = new(0, 0),
        [V4l2Control.RepeatHeaders] = new(0, 1), [V4l2Control.Profile] = new(0, 4), [V4l2Control.Level] = new(0, 15),
    };

    public List<(uint Id, int Value)> Set { get; } = [];

    /// <summary>Controls that cannot be set once it is started.</summary>
    public HashSet<uint> Locked { get; } = [];

    public (int Stride, int Height)? Padded { get; set; }

    /// <summary>How long a picture takes.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(8);

    /// <summary>Pictures that it keeps until more come.</summary>
    public int Latency { get; set; }

    public bool IsStuck { get; set; }

    /// <summary>No buffer can be queued any more.</summary>
    public bool IsBroken { get; set; }

    /// <summary>It does not start with a constant bitrate, though it lists one.</summary>
    public bool RefusesConstantBitrate { get; set; }

    /// <summary>Which raw format it sets itself to; null: the one that is wanted.</summary>
    public uint? Takes { get; set; }

    /// <summary>Which pictures it leaves out without a word, by their number since the start and whether they were to stand alone.</summary>
    public Func<int, bool, bool>? LeavesOut { get; set; }

    /// <summary>The next call of this name fails, with errno.</summary>
    public Dictionary<string, int> Failing { get; } = [];

    /// <summary>Changes a coded buffer before it is given.</summary>
    public Func<V4l2Frame, V4l2Frame>? Change { get; set; }

    public (int Width, int Height)? Cropped { get; private set; }

    public int Opened { get; private set; }

    public int IsOpen { get; private set; }

    public int Starts { get; private set; }

    public int Waits { get; private set; }

    /// <summary>What was written into the raw buffers, in the order they were given in.</summary>
    public List<byte[]> Given { get; } = [];

    public int GivenCount { get; private set; }

    public bool KeepsGiven { get; set; }

    public IM2mNode Open()
    {
        Opened++;
        IsOpen++;
        return new Node(this);
    }

    private sealed class Node(FakeM2m device) : IM2mNode
    {
        private readonly Queue<(Instant Due, int Index, long Microseconds, bool IsKey, bool IsLeftOut)> _inside = new();
        private readonly Queue<int> _doneRaw = new();
        private readonly Queue<int> _codedQueue = new();
        private byte[][] _raw = [];
        private byte[][] _coded = [];
        private V4l2Format _rawFormat;
        private bool _isRawOn;
        private bool _isCodedOn;
        private bool _isDraining;
        private bool _isEnded;
        private bool _isDisposed;
        private bool _isKeyForced;
        private int _number;
        private long _bitrate = 1_000_000;

        public V4l2Identity Identify() => Call(V4l2Calls.Identify, device.Identity);

        public IReadOnlyList<V4l2PixelFormat> ListFormats(M2mSide side) => side == M2mSide.Raw ? device.Raw : device.Coded;

        public V4l2Format SetFormat(M2mSide side, in V4l2Format wanted)
        {
            Assert.True(_raw.Length == 0 && _coded.Length == 0, "formats are set before buffers");
            if (side == M2mSide.Coded)
                return Call(V4l2Calls.SetFormat, wanted);
            var (stride, height) = device.Padded ?? (wanted.Width, wanted.Height);
            return _rawFormat = Call(V4l2Calls.SetFormat, wanted with { FourCc = device.Takes ?? wanted.FourCc, Height = height, Stride = stride, BufferSize = stride * height * 3 / 2 });
        }

        public void Crop(int width, int height) => device.Cropped = (width, height);

        public double? SetRate(int picturesPerSecond) => picturesPerSecond;

        public V4l2Control? FindControl(uint id) => device.Controls.TryGetValue(id, out var control) && !(_isRawOn && device.Locked.Contains(id)) ? control : null;

        public void SetControl(uint id, int value)
        {
            _ = Call(V4l2Calls.SetControl, 0);
            device.Set.Add((id, value));
            if (id == V4l2Control.Bitrate)
                _bitrate = value;
            _isKeyForced |= id == V4l2Control.ForceKeyFrame;
        }

        public int? GetControl(uint id) => null;

        public IReadOnlyList<V4l2ControlInfo> ListControls() => [];

        public int MapBuffers(M2mSide side, int wanted)
        {
            _ = Call(V4l2Calls.RequestBuffers, 0);
            byte[][] buffers = [.. Enumerable.Range(0, wanted).Select(_ => new byte[side == M2mSide.Raw ? _rawFormat.BufferSize : 512 * 1024])];
            (_raw, _coded) = side == M2mSide.Raw ? (buffers, _coded) : (_raw, buffers);
            return wanted;
        }

        public void Start(M2mSide side)
        {
            _ = Call(V4l2Calls.Start, 0);
            if (device.RefusesConstantBitrate && device.Set.LastOrDefault(set => set.Id == V4l2Control.BitrateMode).Value == V4l2Control.ConstantBitrate)
                throw new V4l2Exception(V4l2Calls.Start, 3); // ESRCH
            (_isRawOn, _isCodedOn) = side == M2mSide.Raw ? (true, _isCodedOn) : (_isRawOn, true);
            device.Starts += _isRawOn && _isCodedOn ? 1 : 0;
            (_number, _isDraining, _isEnded) = (0, false, false);
        }

        public void Stop(M2mSide side)
        {
            if (side == M2mSide.Raw)
                _doneRaw.Clear();
            else
                _codedQueue.Clear();
            _inside.Clear();
            (_isRawOn, _isCodedOn) = side == M2mSide.Raw ? (false, _isCodedOn) : (_isRawOn, false);
        }

        public Span<byte> Memory(M2mSide side, int index, int plane)
        {
            if (side == M2mSide.Coded)
                return _coded[index];
            var luma = _rawFormat.Stride * _rawFormat.Height;
            Assert.InRange(plane, 0, V4l2PixelFormat.PlanesOf(_rawFormat.FourCc) - 1);
            return _raw[index].AsSpan(plane == 0 ? 0 : luma + ((plane - 1) * luma / 4)); // as if they lay one after another
        }

        public void Queue(M2mSide side, int index, long microseconds)
        {
            _ = Call(V4l2Calls.Queue, 0);
            if (device.IsBroken)
                throw new V4l2Exception(V4l2Calls.Queue, V4l2Exception.InputOutput);
            if (side == M2mSide.Coded)
            {
                Assert.DoesNotContain(index, _codedQueue);
                _codedQueue.Enqueue(index);
                return;
            }

            Assert.True(_isRawOn && !_isDraining);
            Assert.DoesNotContain(_inside, inside => inside.Index == index);
            if (device.KeepsGiven)
                device.Given.Add([.. _raw[index]]);
            device.GivenCount++;
            var isKey = _number == 0 || _isKeyForced;
            _inside.Enqueue((device.Now + device.Delay, index, microseconds, isKey, device.LeavesOut?.Invoke(_number, isKey) == true));
            _isKeyForced = false;
            _number++;
        }

        public V4l2Signals Wait(int milliseconds, bool forRoom)
        {
            device.Waits++;
            Assert.InRange(milliseconds, 0, 2000);
            if (IsReady || (forRoom && _doneRaw.Count > 0))
                return V4l2Signals.Picture;
            var until = device.Now + TimeSpan.FromMilliseconds(milliseconds);
            device.Now = _inside.TryPeek(out var first) && !device.IsStuck && first.Due < until && (_inside.Count > device.Latency || _isDraining) ? Instant.Max(device.Now, first.Due) : until;
            if (!IsReady && device.Now < until && !(forRoom && _doneRaw.Count > 0))
                device.Now = until; // one was left out
            return IsReady ? V4l2Signals.Picture : V4l2Signals.None;
        }

        public V4l2Events TakeEvents() => V4l2Events.None;

        public bool TryTake(M2mSide side, out V4l2Frame frame)
        {
            _ = Call(V4l2Calls.Dequeue, 0);
            frame = default;
            LeaveOut();
            if (side == M2mSide.Raw)
            {
                if (!_doneRaw.TryDequeue(out var done))
                    return false;
                frame = new(done, 0, 0, null);
                return true;
            }

            if (_isEnded)
                throw new V4l2Exception(V4l2Calls.Dequeue, V4l2Exception.BrokenPipe);
            if (!IsReady)
                return false;
            var index = _codedQueue.Dequeue();
            if (!_inside.TryDequeue(out var picture))
            {
                _isEnded = true;
                frame = new(index, 0, 0, null) { IsLast = true };
                return true;
            }

            _doneRaw.Enqueue(picture.Index);
            var slice = H264Samples.Slice(picture.IsKey ? H264Samples.IdrSlices[0] : H264Samples.PSlices[0], (int)(_bitrate / 8 / Rate));
            var bytes = picture.IsKey ? H264Samples.AnnexB(H264Samples.BaselineSps, H264Samples.BaselinePps, slice) : H264Samples.AnnexB(slice);
            bytes.CopyTo(_coded[index], 0);
            frame = new V4l2Frame(index, bytes.Length, 0, null) { IsKey = picture.IsKey, Microseconds = picture.Microseconds };
            frame = device.Change?.Invoke(frame) ?? frame;
            return true;
        }

        public void StopEncoding()
        {
            _ = Call(V4l2Calls.CommandEncoder, 0);
            _isDraining = true;
        }

        public void Dispose()
        {
            device.IsOpen -= _isDisposed ? 0 : 1;
            _isDisposed = true;
        }

        private void LeaveOut()
        {
            while (_inside.TryPeek(out var first) && first.IsLeftOut && first.Due <= device.Now)
                _doneRaw.Enqueue(_inside.Dequeue().Index);
        }

        private bool IsReady => _isRawOn && _isCodedOn && !_isEnded && !device.IsStuck && _codedQueue.Count > 0
            && ((_inside.TryPeek(out var first) && !first.IsLeftOut && first.Due <= device.Now && (_inside.Count > device.Latency || _isDraining)) || (_isDraining && _inside.Count == 0));

        private T Call<T>(string name, T result)
        {
            Assert.False(_isDisposed);
            return device.Failing.Remove(name, out var error) ? throw new V4l2Exception(name, error) : result;
        }
    }
}
