using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras.V4l2.M2m;

/// <summary>
/// A board's encoder behind the kernel's "Memory-to-Memory Stateful Video Encoder Interface" (dev-encoder.rst): set up, started, fed and
/// emptied by poll, drained, and reset where it fails. Pictures are written into the driver's buffers where their layout allows it. An
/// encoder that fails twice without a picture between has to be opened again. Belongs to one thread.
/// </summary>
/// <remarks>Left out: import of foreign buffers (DMABUF), regions of interest, changes of the resolution while it runs.</remarks>
internal sealed class M2mEncoder : IPictureEncoder
{
    private const int RawBuffers = 4; // one that is written, and what an encoder keeps at a time
    private const int CodedBuffers = 4;
    private const int SpuriousWakes = 3;

    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_room = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(1);

    private readonly IM2mNode _node;
    private readonly M2mCodec _codec;
    private readonly EncoderSettings _settings;
    private readonly Func<Instant> _clock;
    private readonly string _path;
    private readonly M2mPicture _picture;
    private readonly int _codedCount;
    private readonly int _rawCount;
    private readonly TimeSpan _patience;
    private readonly Queue<int> _free = new();
    private readonly Queue<V4l2Frame> _ready = new();
    private readonly M2mLedger _ledger = new();
    private int _current = -1; // that is written
    private int _last; // that was given in last
    private int _lent = -1;
    private int _failures; // since the last picture
    private Instant _lastGiven;
    private bool _isKeyDue;
    private bool _isDrained;

    /// <param name="path">For messages.</param>
    /// <param name="node">It is disposed with the encoder, or where this throws.</param>
    /// <exception cref="EncoderException">It cannot be had with these settings.</exception>
    public M2mEncoder(string path, IM2mNode node, M2mCodec codec, EncoderSettings settings, Func<Instant> clock)
    {
        (_path, _node, _codec, _settings, _clock, Bitrate) = (path, node, codec, settings, clock, settings.Bitrate);
        var interval = TimeSpan.FromSeconds(1.0 / settings.FrameRate);
        _patience = interval < s_longestWait ? interval : s_longestWait;
        try
        {
            var device = node.Identify();
            _picture = new(node, SetFormats(device), settings);
            node.SetRate(settings.FrameRate);
            var words = codec.Configure(device, node, settings);
            (_rawCount, _codedCount) = (node.MapBuffers(M2mSide.Raw, RawBuffers), node.MapBuffers(M2mSide.Coded, CodedBuffers));
            words += StartFirst();
            (HasLiveBitrate, CanForceKeyFrame) = (codec.HasLiveBitrate(node), codec.CanForceKeyFrame(node));
            Words = $"{path} ({device}): {_picture.Words}, {words}{(HasLiveBitrate ? "" : "; its bitrate stays as it is")}{(CanForceKeyFrame ? "" : "; gives no key frame on request")}";
        }
        catch (V4l2Exception failure)
        {
            node.Dispose();
            throw new EncoderException($"The encoder {path} cannot be used: {failure.Message}.");
        }
        catch (EncoderException)
        {
            node.Dispose();
            throw;
        }
    }

    /// <summary>What was set up, for the log.</summary>
    public string Words { get; }

    public long Bitrate { get; private set; }

    public bool HasLiveBitrate { get; private set; }

    public bool CanForceKeyFrame { get; private set; }

    /// <summary>Pictures that it was given and that are neither out nor known to be left out.</summary>
    public int Inside => _ledger.Inside;

    /// <summary>Times that it failed and was started again.</summary>
    public int Resets { get; private set; }

    /// <summary>Whether the access unit taken last stands alone, as far as the driver says so.</summary>
    public bool IsKey { get; private set; }

    public void Begin()
    {
        if (_current >= 0)
            return; // the one before was not encoded
        try
        {
            TakeAll();
            if (_free.Count == 0 && !WaitForRoom())
                throw new V4l2Exception(V4l2Calls.Dequeue, V4l2Exception.TimedOut);
        }
        catch (V4l2Exception failure)
        {
            Recover(failure);
        }

        if (!_free.TryDequeue(out var next))
            throw Failed("it gives no buffer back");
        _current = next;
        _picture.Begin();
    }

    public void KeepReadable() => _picture.KeepReadable();

    public Span<byte> Plane(int plane, out int stride) => _picture.Plane(_current >= 0 ? _current : _last, plane, out stride);

    public void SetBitrate(long bitsPerSecond)
    {
        if (bitsPerSecond == Bitrate)
            return;
        Bitrate = bitsPerSecond;
        if (!HasLiveBitrate)
            return;
        try
        {
            _codec.SetBitrate(_node, _settings, bitsPerSecond);
        }
        catch (V4l2Exception failure) when (IsRefusal(failure))
        {
            HasLiveBitrate = false;
        }
        catch (V4l2Exception failure)
        {
            throw Failed(failure.Message);
        }
    }

    public void Encode(Instant captureTime, bool isIdrWanted)
    {
        try
        {
            var (now, microseconds) = (_clock(), captureTime.Ticks / TimeSpan.TicksPerMicrosecond);
            Prepare((isIdrWanted || _isKeyDue || _ledger.IsKeyOverdue(now)) && CanForceKeyFrame, microseconds, now);
            _isKeyDue = false;
            _picture.Finish(_current);
            _node.Queue(M2mSide.Raw, _current, microseconds);
            _ledger.Give(microseconds, now);
            (_last, _current, _lastGiven) = (_current, -1, captureTime);
            Collect(_patience);
            if (_ready.Count == 0 && _ledger.IsStuck(_clock()))
                throw new V4l2Exception(V4l2Calls.Dequeue, V4l2Exception.TimedOut);
        }
        catch (V4l2Exception failure)
        {
            Recover(failure);
        }
    }

    public bool TryTake(out ReadOnlySpan<byte> unit, out Instant captureTime)
    {
        unit = default;
        captureTime = default;
        try
        {
            GiveBack();
            while (_ready.TryDequeue(out var frame))
            {
                _lent = frame.Index;
                if (frame.IsDamaged || frame.Length == 0)
                {
                    _isKeyDue |= frame.IsDamaged;
                    GiveBack();
                    continue;
                }

                _failures = 0;
                unit = _node.Memory(M2mSide.Coded, frame.Index, 0)[..frame.Length];
                IsKey = _codec.IsKey(unit, frame.IsKey);
                if (IsKey)
                    _ledger.HandleKey(frame.Microseconds);
                captureTime = frame.Microseconds > 0 ? new(frame.Microseconds * TimeSpan.TicksPerMicrosecond) : _lastGiven;
                return true;
            }
        }
        catch (V4l2Exception failure)
        {
            Recover(failure);
        }

        return false;
    }

    /// <summary>No more pictures are given in: <see cref="TryDrain"/> gives those that it still has.</summary>
    /// <exception cref="V4l2Exception">The driver knows no such command.</exception>
    public void Drain() => _node.StopEncoding();

    /// <summary>The next access unit after <see cref="Drain"/>; false after the last one.</summary>
    /// <exception cref="EncoderException">It neither gives one within a second nor says that there is none.</exception>
    public bool TryDrain(out ReadOnlySpan<byte> unit, out Instant captureTime)
    {
        while (!TryTake(out unit, out captureTime))
        {
            if (_isDrained)
                return false;
            try
            {
                Collect(s_drain);
            }
            catch (V4l2Exception failure)
            {
                throw Failed(failure.Message);
            }

            if (_ready.Count == 0 && !_isDrained)
                throw Failed("it was told to end and does not");
        }

        return true;
    }

    /// <summary>Starts it again, after <see cref="Drain"/> or a failure; what was inside is lost, and the next picture stands alone.</summary>
    /// <exception cref="V4l2Exception">It does not start.</exception>
    public void Reset()
    {
        _node.Stop(M2mSide.Raw);
        _node.Stop(M2mSide.Coded);
        Start();
        _isKeyDue = true;
    }

    public void Dispose() => _node.Dispose();

    private V4l2Format SetFormats(V4l2Identity device)
    {
        if (!device.IsCodec || !_node.ListFormats(M2mSide.Coded).Any(format => format.FourCc == _codec.FourCc))
            throw new EncoderException($"{_path} ({device}) is no encoder that gives {_codec.Name}: \"edgecam devices\" lists those there are.");
        // The coded format first: what raw ones there are, and how large, depends on it.
        var coded = _node.SetFormat(M2mSide.Coded, new(_codec.FourCc, _settings.Width, _settings.Height, _settings.Width * _settings.Height));
        if (coded.FourCc != _codec.FourCc)
            throw new EncoderException($"The encoder {_path} does not give {_codec.Name} now: another program may hold it; \"fuser -v {_path}\" names that.");
        var formats = _node.ListFormats(M2mSide.Raw);
        var wanted = M2mPicture.Formats.FirstOrDefault(fourCc => formats.Any(format => format.FourCc == fourCc));
        if (wanted == 0)
            throw new EncoderException($"The encoder {_path} takes none of the formats that the agent gives it, only {string.Join(' ', formats.Select(static format => format.Letters))}.");
        var raw = _node.SetFormat(M2mSide.Raw, new(wanted, _settings.Width, _settings.Height, 0) { Colour = V4l2Colour.From(_settings.Colour with { IsFullRange = false }) });
        if (raw.FourCc != wanted)
            throw new EncoderException($"The encoder {_path} lists {V4l2PixelFormat.LettersOf(wanted)} but sets itself to {V4l2PixelFormat.LettersOf(raw.FourCc)} instead: another program may hold it; \"fuser -v {_path}\" names that.");
        if (raw.Width < _settings.Width || raw.Height < _settings.Height)
            throw new EncoderException($"The encoder {_path} takes {raw.Width}x{raw.Height} where {_settings.Width}x{_settings.Height} is to be encoded: set width and height to less.");
        if ((raw.Width, raw.Height) != (_settings.Width, _settings.Height))
            _node.Crop(_settings.Width, _settings.Height);
        return raw;
    }

    /// <returns>What had to be taken back for that, in words.</returns>
    private string StartFirst()
    {
        try
        {
            Start();
            return "";
        }
        catch (V4l2Exception)
        {
            if (_codec.Relax(_node) is not { } words)
                throw;
            Reset();
            return words;
        }
    }

    private void Start()
    {
        _free.Clear();
        _ready.Clear();
        _ledger.Start(_clock());
        (_current, _lent, _isDrained) = (-1, -1, false);
        for (var i = 0; i < _rawCount; i++)
            _free.Enqueue(i);
        for (var i = 0; i < _codedCount; i++)
            _node.Queue(M2mSide.Coded, i);
        _node.Start(M2mSide.Raw);
        _node.Start(M2mSide.Coded);
    }

    private void Prepare(bool isKeyWanted, long microseconds, Instant now)
    {
        if (isKeyWanted)
            _ledger.HandleKeyAsked(microseconds, now);
        try
        {
            _codec.Prepare(_node, isKeyWanted);
        }
        catch (V4l2Exception failure) when (IsRefusal(failure))
        {
            CanForceKeyFrame = false;
        }
    }

    /// <summary>A control is listed and yet not to be set: the pictures are worth more.</summary>
    private static bool IsRefusal(V4l2Exception failure) => failure.Error is V4l2Exception.Busy or V4l2Exception.Invalid or V4l2Exception.NoAccess;

    /// <summary>Takes what is there, and waits for an access unit where there is none, while a picture is inside.</summary>
    private void Collect(TimeSpan patience)
    {
        var until = _clock() + patience;
        for (var wakes = 0; wakes < SpuriousWakes; wakes++)
        {
            var before = _ready.Count;
            TakeAll();
            var left = until - _clock();
            if (_ready.Count > 0 || _isDrained || left <= TimeSpan.Zero || (_ledger.Inside == 0 && patience != s_drain))
                return;
            var signals = _node.Wait((int)Math.Ceiling(left.TotalMilliseconds), forRoom: false);
            if (signals.HasFlag(V4l2Signals.Event))
                _ = _node.TakeEvents();
            if (signals.HasFlag(V4l2Signals.Fault))
            {
                TakeAll(); // what it has given, it has given; the call says what is wrong
                if (_ready.Count == before && !_isDrained)
                    throw new V4l2Exception("poll", V4l2Exception.InputOutput);
            }
        }
    }

    private bool WaitForRoom()
    {
        var until = _clock() + s_room;
        while (_free.Count == 0 && until - _clock() is var left && left > TimeSpan.Zero)
        {
            var signals = _node.Wait((int)Math.Ceiling(left.TotalMilliseconds), forRoom: true);
            if (signals.HasFlag(V4l2Signals.Event))
                _ = _node.TakeEvents();
            var before = _free.Count + _ready.Count;
            TakeAll();
            if (signals != V4l2Signals.None && _free.Count + _ready.Count == before)
                break; // awake for nothing: the node is at fault, or all coded buffers are ours
        }

        return _free.Count > 0;
    }

    private void TakeAll()
    {
        while (_node.TryTake(M2mSide.Raw, out var raw))
        {
            _free.Enqueue(raw.Index);
            _ledger.HandleRoom(_clock());
        }

        try
        {
            while (!_isDrained && _node.TryTake(M2mSide.Coded, out var coded))
            {
                _ready.Enqueue(coded);
                _ledger.HandleUnit(coded.Microseconds, _clock());
                _isDrained = coded.IsLast;
            }
        }
        catch (V4l2Exception end) when (end.Error == V4l2Exception.BrokenPipe)
        {
            _isDrained = true; // the last one has been taken
        }
    }

    private void GiveBack()
    {
        if (_lent < 0)
            return;
        var lent = _lent;
        _lent = -1;
        if (!_isDrained)
            _node.Queue(M2mSide.Coded, lent);
    }

    /// <summary>Once it is started again; the picture is lost. A second time without a picture between, it is given up.</summary>
    private void Recover(V4l2Exception failure)
    {
        if (_failures++ > 0)
            throw Failed(failure.Message);
        try
        {
            Resets++;
            Reset();
        }
        catch (V4l2Exception again)
        {
            throw Failed($"{failure.Message}; and then {again.Message}");
        }
    }

    private EncoderException Failed(string why) => new($"The encoder {_path} fails: {why}. \"edgecam devices --try {_path}\" shows what it does; encoder \"software\" does without it.");
}
