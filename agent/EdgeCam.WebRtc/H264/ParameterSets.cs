using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.H264;

/// <summary>
/// The SPS and PPS in force, to be repeated in front of each IDR picture. One SPS is kept, the last; a different one makes the PPS
/// that came before it void.
/// </summary>
internal sealed class ParameterSets
{
    private const int MaxPictureParameterSets = 8; // encoders use one or two; the standard allows 256
    private const int MaxSize = 1024;

    private readonly List<(uint Id, byte[] NalUnit)> _pictures = new(MaxPictureParameterSets);
    private byte[] _sequence = [];

    /// <summary>The SPS in force, or null.</summary>
    public SequenceParameterSet? Sequence { get; private set; }

    /// <summary>True where an IDR picture can be decoded.</summary>
    public bool IsComplete => Sequence is not null && _pictures.Count > 0;

    /// <summary>True from a change on until <see cref="WriteTo"/>.</summary>
    public bool IsChanged { get; private set; }

    public bool TryAddSequence(ReadOnlySpan<byte> nalUnit)
    {
        if (nalUnit.SequenceEqual(_sequence))
            return true;
        if (nalUnit.Length > MaxSize || !SequenceParameterSet.TryParse(nalUnit, out var parsed))
            return false;
        Sequence = parsed;
        _sequence = nalUnit.ToArray();
        _pictures.Clear();
        IsChanged = true;
        return true;
    }

    public bool TryAddPicture(ReadOnlySpan<byte> nalUnit)
    {
        if (nalUnit.Length > MaxSize)
            return false;
        var reader = new RbspReader(nalUnit[1..]);
        var id = reader.ReadUnsigned();
        if (reader.IsOverrun || id > 255)
            return false;
        for (var i = 0; i < _pictures.Count; i++)
        {
            if (_pictures[i].Id != id)
                continue;
            if (!nalUnit.SequenceEqual(_pictures[i].NalUnit))
            {
                _pictures[i] = (id, nalUnit.ToArray());
                IsChanged = true;
            }

            return true;
        }

        if (_pictures.Count == MaxPictureParameterSets)
            return false;
        _pictures.Add((id, nalUnit.ToArray()));
        IsChanged = true;
        return true;
    }

    public void WriteTo(AccessUnit unit)
    {
        unit.AddNalUnit(_sequence);
        foreach (var (_, nalUnit) in _pictures)
            unit.AddNalUnit(nalUnit);
        IsChanged = false;
    }
}
