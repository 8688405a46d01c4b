namespace EdgeCam.Agent.Cameras;

/// <summary>How a raw picture's samples lie.</summary>
internal enum PictureLayout
{
    /// <summary>Luma, Cb and Cr apart; chroma has half the width and height.</summary>
    Planar,

    /// <summary>Luma apart; Cb and Cr in turn, of half the width and height.</summary>
    SemiPlanar,

    /// <summary>Luma, Cb and Cr apart; chroma has half the width and the whole height.</summary>
    PlanarTall,

    /// <summary>Luma, Cb, luma, Cr in turn.</summary>
    PackedLumaFirst,

    /// <summary>Cb, luma, Cr, luma in turn.</summary>
    PackedChromaFirst,

    /// <summary>Luma only.</summary>
    Grey,
}
