using EdgeCam.WebRtc;

namespace EdgeCam.Agent.Publishing;

/// <summary>As <see cref="IOutputObserver"/> has it.</summary>
internal abstract record OutputNews
{
    public sealed record Candidate(string Line) : OutputNews;

    public sealed record Connected(string Path, string Protection) : OutputNews;

    public sealed record Restart : OutputNews;

    public sealed record Closed(CloseReason Reason, string Detail) : OutputNews;
}
