using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Streaming;

/// <summary>
/// The latest IDR picture and all that came after it, so that a new viewer sees a picture at once. Bound: 8 MiB and 240 pictures (what a viewer may have queued);
/// policy: a group that outgrows it is given up and new viewers wait for the next IDR picture.
/// </summary>
internal sealed class GroupOfPictures
{
    private const int MaxBytes = 8 * 1024 * 1024;
    private const int MaxPictures = 240;

    private readonly List<AccessUnit> _units = [];
    private int _bytes;

    /// <summary>Groups given up because they outgrew the bound.</summary>
    public long GivenUp { get; private set; }

    public void Add(AccessUnit unit)
    {
        if (unit.IsIdr)
            Clear();
        else if (_units.Count == 0)
            return;

        if (_units.Count == MaxPictures || _bytes + unit.Length > MaxBytes)
        {
            GivenUp++;
            Clear();
            return;
        }

        _units.Add(unit.Retain());
        _bytes += unit.Length;
    }

    /// <summary>Lends all pictures of the group, oldest first; the caller disposes each.</summary>
    public void CopyTo(List<AccessUnit> destination)
    {
        foreach (var unit in _units)
            destination.Add(unit.Retain());
    }

    public void Clear()
    {
        foreach (var unit in _units)
            unit.Dispose();
        _units.Clear();
        _bytes = 0;
    }
}
