using EdgeCam.WebRtc.Congestion;

namespace EdgeCam.WebRtc.Tests.Congestion;

/// <summary>A call at one moment.</summary>
/// <param name="SentBitrate">What came to the viewer in the tenth of a second before.</param>
/// <param name="PassedBitrate">What passed the bottleneck for the viewer in that time, with all headers.</param>
/// <param name="Queue">What really stands in the bottleneck's buffer.</param>
/// <param name="Waiting">Bytes of pictures that the sender has not sent yet.</param>
internal sealed record CongestionSample(
    double Seconds, LinkEstimate Estimate, long EncoderBitrate, long SentBitrate, long PassedBitrate, TimeSpan Queue, CongestionStatistics Statistics, int Dropped, int Pictures, int Waiting)
{
    public override string ToString() =>
        $"{Seconds,6:F1} s: estimate {Estimate.Bitrate / 1000,6} encoder {EncoderBitrate / 1000,5} arrived {SentBitrate / 1000,5} kbit/s, queue {Queue.TotalMilliseconds,4:F0} seen {Estimate.QueueingDelay.TotalMilliseconds,4:F0} rtt {Estimate.RoundTripTime.TotalMilliseconds,4:F0} ms, loss {Estimate.Loss:P0}, probes {Statistics.ProbesStarted}/{Statistics.ProbesSucceeded}, decreases {Statistics.Decreases}, padding {Statistics.PaddingBytes}, dropped {Dropped}, pictures {Pictures}, waiting {Waiting}";
}
