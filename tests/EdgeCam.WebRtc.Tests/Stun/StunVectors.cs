namespace EdgeCam.WebRtc.Tests.Stun;

/// <summary>The messages of RFC 5769 §2, byte for byte.</summary>
internal static class StunVectors
{
    public const string Password = "VOkJxbRl1RmTxUk/WvJxBt";

    /// <summary>§2.1: SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY, FINGERPRINT.</summary>
    public static byte[] Request => Convert.FromHexString(
        "00010058" + "2112A442" + "B7E7A701BC34D686FA87DFAE"
        + "80220010" + "5354554E207465737420636C69656E74"
        + "00240004" + "6E0001FF"
        + "80290008" + "932FF9B151263B36"
        + "00060009" + "6576746A3A68367659202020"
        + "00080014" + "9AEAA70CBFD8CB56781EF2B5B2D3F249C1B571A2"
        + "80280004" + "E57A3BCF");

    /// <summary>§2.2.</summary>
    public static byte[] IPv4Response => Convert.FromHexString(
        "0101003C" + "2112A442" + "B7E7A701BC34D686FA87DFAE"
        + "8022000B" + "7465737420766563746F7220"
        + "00200008" + "0001A147E112A643"
        + "00080014" + "2B91F599FD9E90C38C7489F92AF9BA53F06BE7D7"
        + "80280004" + "C07D4C96");

    /// <summary>§2.3.</summary>
    public static byte[] IPv6Response => Convert.FromHexString(
        "01010048" + "2112A442" + "B7E7A701BC34D686FA87DFAE"
        + "8022000B" + "7465737420766563746F7220"
        + "00200014" + "0002A1470113A9FAA5D3F179BC25F4B5BED2B9D9"
        + "00080014" + "A382954E4BE67BF11784C97C8292C275BFE3ED41"
        + "80280004" + "C8FB0B4C");

    /// <summary>§2.4: long-term credentials, no FINGERPRINT.</summary>
    public static byte[] LongTermRequest => Convert.FromHexString(
        "00010060" + "2112A442" + "78AD3433C6AD72C029DA412E"
        + "00060012" + "E3839EE38388E383AAE38383E382AFE382B90000"
        + "0015001C" + "662F2F3439396B39353464364F4C33346F4C39465354767936347341"
        + "0014000B" + "6578616D706C652E6F726700"
        + "00080014" + "F67024656DD64A3E02B8E0712E85C9A28CA89666");
}
