using System.Net;
using System.Text;

namespace EdgeCam.Agent.Tests.Publishing;

/// <summary>A WHIP server without a network: answers what the test says, and remembers what it was asked.</summary>
internal sealed class WhipPlace : HttpMessageHandler
{
    public List<(string Method, string Url, string? Authorization, string? IfMatch, string? Type, string Body)> Asked { get; } = [];

    /// <summary>Of each request, by its number from 1.</summary>
    public Func<int, HttpRequestMessage, HttpResponseMessage> Answers { get; set; } = static (_, request) => request.Method == HttpMethod.Post ? Created("answer") : new(HttpStatusCode.OK);

    /// <summary>It does not answer at all.</summary>
    public bool IsSilent { get; set; }

    public static HttpResponseMessage Created(string sdp, string? location = "session/1", string? tag = "\"t1\"")
    {
        var response = new HttpResponseMessage(HttpStatusCode.Created) { Content = new StringContent(sdp, Encoding.UTF8, "application/sdp") };
        if (location is not null)
            response.Headers.Location = new(location, UriKind.RelativeOrAbsolute);
        if (tag is not null)
            response.Headers.ETag = new(tag);
        return response;
    }

    public static HttpResponseMessage Moved(string? location, HttpStatusCode status = HttpStatusCode.TemporaryRedirect)
    {
        var response = new HttpResponseMessage(status);
        if (location is not null)
            response.Headers.Location = new(location, UriKind.RelativeOrAbsolute);
        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsSilent)
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        lock (Asked)
        {
            Asked.Add((request.Method.Method, request.RequestUri!.AbsoluteUri, request.Headers.Authorization?.ToString(),
                request.Headers.TryGetValues("If-Match", out var tags) ? string.Join(',', tags) : null, request.Content?.Headers.ContentType?.ToString(), body));
            return Answers(Asked.Count, request);
        }
    }
}
