using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Tests.H264;

/// <summary>
/// The receiving side of RFC 6184 mode 1, strict: any broken rule throws. Payloads go in in order; NAL units come out.
/// </summary>
internal sealed class H264Depacketizer
{
    private readonly List<byte> _fragments = [];
    private bool _isFragmented;

    /// <summary>All NAL units so far.</summary>
    public List<byte[]> NalUnits { get; } = [];

    public void Add(ReadOnlySpan<byte> payload)
    {
        Require(payload.Length > 0, "an empty payload");
        var type = payload[0] & 0x1F;
        if (type != 28)
            Require(!_isFragmented, "another packet between fragments");
        switch (type)
        {
            case >= 1 and <= 23:
                NalUnits.Add(payload.ToArray());
                break;
            case 24:
                AddAggregate(payload);
                break;
            case 28:
                AddFragment(payload);
                break;
            default:
                throw new InvalidOperationException($"packet type {type} is not of mode 1");
        }
    }

    /// <summary>Ends a picture: nothing may be pending.</summary>
    public void EndPicture() => Require(!_isFragmented, "a picture that ends within a NAL unit");

    private void AddAggregate(ReadOnlySpan<byte> payload)
    {
        var rest = payload[1..];
        int importance = 0, count = 0;
        while (rest.Length > 0)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            Require(length > 0 && length <= rest.Length - 2, "a NAL unit size beyond its STAP-A");
            var nalUnit = rest.Slice(2, length);
            importance = Math.Max(importance, nalUnit[0] & 0x60);
            NalUnits.Add(nalUnit.ToArray());
            rest = rest[(2 + length)..];
            count++;
        }

        Require(count > 0 && (payload[0] & 0x60) == importance, "a STAP-A whose NRI is not the largest inside");
    }

    private void AddFragment(ReadOnlySpan<byte> payload)
    {
        Require(payload.Length > 2, "an empty fragment");
        bool isStart = (payload[1] & 0x80) != 0, isEnd = (payload[1] & 0x40) != 0;
        Require(!(isStart && isEnd), "one fragment with start and end");
        Require((payload[1] & 0x20) == 0, "the reserved bit");
        Require(isStart != _isFragmented, "a fragment out of place");
        var header = (byte)((payload[0] & 0xE0) | (payload[1] & 0x1F));
        if (isStart)
        {
            _fragments.Clear();
            _fragments.Add(header);
        }

        Require(_fragments[0] == header, "fragments of different NAL units");
        _fragments.AddRange(payload[2..]);
        _isFragmented = !isEnd;
        if (isEnd)
            NalUnits.Add([.. _fragments]);
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException($"RFC 6184 forbids {otherwise}");
    }
}
