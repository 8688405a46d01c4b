namespace EdgeCam.WebRtc.H264;

/// <summary>nal_unit_type, the low five bits of a NAL unit's first byte (H.264 Table 7-1, RFC 6184 §5.2 for 24 to 29).</summary>
public enum NalUnitType : byte
{
    NonIdrSlice = 1,
    DataPartitionA = 2,
    DataPartitionB = 3,
    DataPartitionC = 4,
    IdrSlice = 5,
    SupplementalEnhancementInformation = 6,
    SequenceParameterSet = 7,
    PictureParameterSet = 8,
    AccessUnitDelimiter = 9,
    EndOfSequence = 10,
    EndOfStream = 11,
    FillerData = 12,
    Prefix = 14,
    Reserved18 = 18,
    StapA = 24,
    FuA = 28,
}
