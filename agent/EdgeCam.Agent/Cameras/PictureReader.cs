using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>One run of a source: Annex B bytes in, checked access units out. A source that starts again takes a new one.</summary>
internal sealed class PictureReader(AccessUnitPool pool) : IDisposable
{
    private readonly AnnexBReader _nalUnits = new();
    private readonly AccessUnitAssembler _assembler = new(pool);
    private readonly H264StreamChecker _checker = new();
    private SequenceParameterSet? _known;
    private bool _flush;

    /// <summary>Why the stream cannot be shown, for the operator; null while it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>Set with each new SPS; who has told it on clears it.</summary>
    public StreamInfo? NewInfo { get; set; }

    /// <summary>True once an SPS could be read: this is H.264.</summary>
    public bool HasParameterSets => _assembler.SequenceParameterSet is not null;

    /// <summary>As the SPS says; null where it does not.</summary>
    public double? FrameRate => _assembler.SequenceParameterSet?.FrameRate;

    /// <summary>What came last may be the whole picture: only <see cref="Flush"/> or the next one tells.</summary>
    public bool IsOpen => _nalUnits.IsOpen || _assembler.IsOpen;

    public long Bytes { get; private set; }

    /// <summary>Pictures left out since they cannot be shown: no key frame, or no SPS and PPS, came before them.</summary>
    public long Undecodable => _assembler.DroppedPictures;

    public long Pictures => _assembler.AccessUnits;

    /// <summary>Times that <see cref="Flush"/> cut a picture: its source should wait longer.</summary>
    public long PrematureFlushes => _nalUnits.PrematureFlushes + _assembler.LateSlices;

    public Memory<byte> GetMemory(int atLeast) => _nalUnits.GetMemory(atLeast);

    public void Advance(int count, Instant now)
    {
        Bytes += count;
        _nalUnits.Advance(count, now);
    }

    /// <summary>What came so far ends with a whole picture.</summary>
    public void Flush()
    {
        _flush = true;
        _nalUnits.Flush();
    }

    /// <summary>The next whole picture, which the caller disposes; null where more bytes are needed or the stream has a <see cref="Fault"/>.</summary>
    public AccessUnit? TryRead()
    {
        while (Fault is null && _nalUnits.TryReadNalUnit(out var nalUnit))
        {
            if (_assembler.Add(nalUnit, _nalUnits.Arrival) is { } unit && Check(unit) is { } good)
                return good;
        }

        var last = _flush && Fault is null ? _assembler.Flush() : null;
        _flush = false;
        return last is null ? null : Check(last);
    }

    /// <summary>The same from bytes that lie elsewhere and hold whole NAL units; nothing of them is kept but what is in the pictures.</summary>
    /// <param name="arrival">Becomes the capture time of the pictures that begin here.</param>
    /// <param name="endsPicture">True where their end is a picture's end.</param>
    public AccessUnit? TryRead(ref AnnexBSpan nalUnits, Instant arrival, bool endsPicture)
    {
        while (Fault is null && nalUnits.TryReadNalUnit(out var nalUnit))
        {
            Bytes += nalUnit.Length;
            if (_assembler.Add(nalUnit, arrival) is { } unit && Check(unit) is { } good)
                return good;
        }

        return endsPicture && Fault is null && _assembler.Flush() is { } last ? Check(last) : null;
    }

    public void Dispose() => _assembler.Dispose();

    private AccessUnit? Check(AccessUnit unit)
    {
        Fault = _checker.FindFault(unit);
        if (Fault is not null)
        {
            unit.Dispose();
            return null;
        }

        if (_checker.SequenceParameterSet is { } sequence && sequence != _known)
        {
            _known = sequence;
            NewInfo = new(sequence.ProfileLevelId, sequence.Width, sequence.Height);
        }

        return unit;
    }
}
