namespace EdgeCam.Sims.Ptz;

/// <summary>
/// Cuts a serial line's bytes into messages and tells the two languages apart by the first byte: 0xFF begins seven bytes of Pelco-D, 0x81 to
/// 0x88 a VISCA packet that ends with 0xFF. Bytes that are neither are counted and passed over.
/// </summary>
internal sealed class FrameSplitter(WireProtocol protocol)
{
    public const int PelcoDLength = 7;
    public const int ViscaMostLength = 16;

    private const long Silence = 250_000_000; // nanoseconds; a message that stops halfway for so long is given up

    private readonly List<byte> _bytes = [];
    private long _last;

    /// <summary>Pelco-D messages whose last byte is not the sum of the five before.</summary>
    public int BadChecksums { get; private set; }

    public int Ignored { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes, long now)
    {
        if (_bytes.Count > 0 && now - _last > Silence)
            Drop(_bytes.Count);
        _last = now;
        _bytes.AddRange(bytes);
    }

    public bool TryRead(out byte[] frame, out WireProtocol spoken)
    {
        while (_bytes.Count > 0)
        {
            (frame, spoken) = ([], default);
            if (_bytes[0] == 0xFF && protocol.HasFlag(WireProtocol.PelcoD))
            {
                if (_bytes.Count < PelcoDLength)
                    return false;
                if (_bytes[6] == PelcoDReceiver.Checksum(_bytes.GetRange(0, PelcoDLength).ToArray()))
                {
                    (frame, spoken) = (Take(PelcoDLength), WireProtocol.PelcoD);
                    return true;
                }

                BadChecksums++;
                _bytes.RemoveAt(0); // the next message may begin within this one
                continue;
            }

            if (_bytes[0] is >= 0x81 and <= 0x88 && protocol.HasFlag(WireProtocol.Visca))
            {
                var end = _bytes.IndexOf(0xFF, 0, Math.Min(_bytes.Count, ViscaMostLength));
                if (end >= 0)
                {
                    (frame, spoken) = (Take(end + 1), WireProtocol.Visca);
                    return true;
                }

                if (_bytes.Count < ViscaMostLength)
                    return false;
            }

            Drop(1);
        }

        (frame, spoken) = ([], default);
        return false;
    }

    private byte[] Take(int count)
    {
        var frame = _bytes.GetRange(0, count).ToArray();
        _bytes.RemoveRange(0, count);
        return frame;
    }

    private void Drop(int count)
    {
        Ignored += count;
        _bytes.RemoveRange(0, count);
    }
}
