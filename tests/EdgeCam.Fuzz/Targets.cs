using System.Text;

namespace EdgeCam.Fuzz;

/// <summary>What can be fuzzed: every parser that reads bytes of a peer, a camera or a broker.</summary>
internal static class Targets
{
    public static string[] Names { get; } = ["sdp", "answer", "candidate", "stun", "ice", "turn", "rtp", "rtcp", "congestion", "sctp", "h264", "sps"];

    public static FuzzTarget? Create(string name) => name switch
    {
        "sdp" => SdpTargets.Offer(),
        "answer" => SdpTargets.Answer(),
        "candidate" => SdpTargets.Candidate(),
        "stun" => StunTargets.Message(),
        "ice" => StunTargets.Checks(),
        "turn" => TurnTargets.Stream(),
        "rtp" => RtpTargets.Packet(),
        "rtcp" => RtpTargets.Feedback(),
        "congestion" => CongestionTargets.Estimator(),
        "sctp" => SctpTargets.Chunks(),
        "h264" => H264Targets.Stream(),
        "sps" => H264Targets.Sequence(),
        _ => null,
    };

    public static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    public static byte[][] Hex(params string[] texts) => [.. texts.Select(Convert.FromHexString)];

    /// <summary>A promise of the parser that its result breaks.</summary>
    public static void Require(bool kept, string promise)
    {
        if (!kept)
            throw new InvalidOperationException(promise);
    }
}
