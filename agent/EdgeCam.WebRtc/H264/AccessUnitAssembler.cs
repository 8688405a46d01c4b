using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.H264;

/// <summary>
/// Puts the NAL units of one stream together to access units (H.264 §7.4.1.2.3). Each IDR picture gets the SPS and PPS in force in
/// front of it; access unit delimiters and filler are left out; pictures before the first decodable IDR picture are dropped.
/// </summary>
/// <remarks>
/// A new picture is seen by first_mb_in_slice being 0 or by a delimiter, SPS, PPS or SEI after a slice; the comparison of frame_num,
/// idr_pic_id and order counts (§7.4.1.2.4) is left out, and so are arbitrary slice order, redundant pictures, data partitioning and
/// the recovery point of a stream that never sends an IDR picture.
/// </remarks>
public sealed class AccessUnitAssembler(AccessUnitPool pool) : IDisposable
{
    /// <summary>A larger picture is dropped, and what follows it up to the next IDR picture.</summary>
    public const int MaxAccessUnitSize = 8 * 1024 * 1024;

    private const int MaxNalUnits = 512;
    private const int MaxMessages = 16; // SEI NAL units that wait for their picture
    private const int MaxMessageBytes = 16 * 1024;

    private readonly ParameterSets _parameterSets = new();
    private readonly List<NalUnit> _messages = new(MaxMessages);
    private readonly byte[] _messageBytes = new byte[MaxMessageBytes];
    private AccessUnit? _unit;
    private int _messageLength;
    private bool _needsIdr = true;
    private bool _isSkippingPicture;
    private Instant? _firstArrival;
    private Instant _lastCaptureTime = new(long.MinValue);
    private long _nextNumber;

    /// <summary>The SPS in force, or null before the first.</summary>
    public SequenceParameterSet? SequenceParameterSet => _parameterSets.Sequence;

    /// <summary>A picture has begun that only <see cref="Flush"/> or the next picture completes.</summary>
    public bool IsOpen => _unit is not null;

    /// <summary>Access units given out.</summary>
    public long AccessUnits => _nextNumber;

    /// <summary>Pictures dropped: no IDR picture or no parameter sets yet, or too large.</summary>
    public long DroppedPictures { get; private set; }

    /// <summary>Slices that came after their picture had been closed by <see cref="Flush"/>: it was called too early.</summary>
    public long LateSlices { get; private set; }

    /// <summary>Delimiters, filler and NAL units of kinds that this stream must not have.</summary>
    public long IgnoredNalUnits { get; private set; }

    public long MalformedNalUnits { get; private set; }

    /// <summary>Takes a NAL unit and returns the access unit that it completes, which precedes it; the caller disposes that.</summary>
    /// <param name="arrival">When its first byte arrived; the first of a picture becomes its capture time.</param>
    public AccessUnit? Add(ReadOnlySpan<byte> nalUnit, Instant arrival)
    {
        if (nalUnit.Length < 2 || (nalUnit[0] & 0x80) != 0) // forbidden_zero_bit
        {
            MalformedNalUnits++;
            return null;
        }

        AccessUnit? completed = null;
        var type = (NalUnitType)(nalUnit[0] & 0x1F);
        switch (type)
        {
            case NalUnitType.NonIdrSlice or NalUnitType.IdrSlice:
                if (!SliceHeader.TryParse(nalUnit, out var slice))
                {
                    MalformedNalUnits++;
                    return null;
                }

                if (slice.FirstMacroblock == 0)
                    completed = Flush();
                AddSlice(nalUnit, slice.FirstMacroblock == 0, type == NalUnitType.IdrSlice, arrival);
                break;

            case NalUnitType.SupplementalEnhancementInformation or NalUnitType.SequenceParameterSet or NalUnitType.PictureParameterSet
                or NalUnitType.AccessUnitDelimiter or (>= NalUnitType.Prefix and <= NalUnitType.Reserved18):
                completed = Flush();
                _firstArrival ??= arrival;
                AddNonSlice(nalUnit, type);
                break;

            default:
                IgnoredNalUnits++;
                break;
        }

        return completed;
    }

    /// <summary>The picture is complete: returns it now instead of with the next NAL unit, or null where there is none. The caller disposes it.</summary>
    public AccessUnit? Flush()
    {
        _isSkippingPicture = false;
        if (_unit is not { } unit)
            return null;
        _unit = null;
        unit.Number = _nextNumber++;
        return unit;
    }

    public void Dispose()
    {
        _unit?.Dispose();
        _unit = null;
    }

    private void AddNonSlice(ReadOnlySpan<byte> nalUnit, NalUnitType type)
    {
        var isAccepted = type switch
        {
            NalUnitType.SequenceParameterSet => _parameterSets.TryAddSequence(nalUnit),
            NalUnitType.PictureParameterSet => _parameterSets.TryAddPicture(nalUnit),
            NalUnitType.SupplementalEnhancementInformation => TryAddMessage(nalUnit),
            _ => true,
        };
        if (!isAccepted)
            MalformedNalUnits++;
        else if (type is NalUnitType.AccessUnitDelimiter or >= NalUnitType.Prefix)
            IgnoredNalUnits++;
    }

    private bool TryAddMessage(ReadOnlySpan<byte> nalUnit)
    {
        if (_messages.Count == MaxMessages || nalUnit.Length > _messageBytes.Length - _messageLength)
            return false;
        nalUnit.CopyTo(_messageBytes.AsSpan(_messageLength));
        _messages.Add(new(_messageLength, nalUnit.Length));
        _messageLength += nalUnit.Length;
        return true;
    }

    private void AddSlice(ReadOnlySpan<byte> nalUnit, bool beginsPicture, bool isIdr, Instant arrival)
    {
        if (beginsPicture)
            Begin(isIdr, arrival);
        if (_unit is not { } unit)
        {
            LateSlices += _isSkippingPicture ? 0 : 1;
            return;
        }

        if (unit.Length + nalUnit.Length > MaxAccessUnitSize || unit.NalUnits.Length == MaxNalUnits)
        {
            DroppedPictures++;
            _needsIdr = true;
            _isSkippingPicture = true;
            Dispose();
            return;
        }

        unit.AddNalUnit(nalUnit);
    }

    private void Begin(bool isIdr, Instant arrival)
    {
        if (isIdr ? !_parameterSets.IsComplete : _needsIdr)
        {
            _needsIdr = true;
            DroppedPictures++;
            _isSkippingPicture = true;
        }
        else
        {
            _needsIdr = false;
            _unit = pool.Rent();
            _unit.IsIdr = isIdr;
            _unit.CaptureTime = NextCaptureTime(_firstArrival ?? arrival);
            if (isIdr || (_parameterSets.IsChanged && _parameterSets.IsComplete))
                _parameterSets.WriteTo(_unit);
            foreach (var message in _messages)
                _unit.AddNalUnit(_messageBytes.AsSpan(message.Offset, message.Length));
        }

        _firstArrival = null;
        _messages.Clear();
        _messageLength = 0;
    }

    /// <summary>Two pictures that came in one read still need different RTP timestamps.</summary>
    private Instant NextCaptureTime(Instant arrival)
    {
        if (arrival <= _lastCaptureTime)
            arrival = _lastCaptureTime + TimeSpan.FromMilliseconds(1);
        return _lastCaptureTime = arrival;
    }
}
