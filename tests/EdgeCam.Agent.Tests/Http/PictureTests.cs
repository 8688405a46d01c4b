using System.Net;
using System.Net.Http.Headers;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Recording;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Recording;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Http;

/// <summary>Recordings by HTTP, whole and in ranges (RFC 9110 §14), and snapshots.</summary>
public sealed class PictureTests : IDisposable
{
    private readonly RecordingRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("", 0, 1000, false)]
    [InlineData("bytes=0-499", 0, 500, true)]
    [InlineData("bytes=500-", 500, 500, true)]
    [InlineData("bytes=-10", 990, 10, true)]
    [InlineData("bytes=-5000", 0, 1000, true)]
    [InlineData("bytes=999-5000", 999, 1, true)]
    [InlineData("bytes=0-9223372036854775807", 0, 1000, true)]
    [InlineData("bytes=0-99999999999999999999", 0, 1000, false)]
    [InlineData("bytes=5-4", 0, 1000, false)]
    [InlineData("bytes=0-1,5-6", 0, 1000, false)]
    [InlineData("bytes=-", 0, 1000, false)]
    [InlineData("bytes=a-b", 0, 1000, false)]
    [InlineData("bytes=+1-2", 0, 1000, false)]
    [InlineData("lines=1-2", 0, 1000, false)]
    public void A_range_is_what_the_standard_says_and_anything_else_the_whole(string header, long start, long length, bool isPart) =>
        Assert.Equal(new ByteRange(start, length, isPart), ByteRange.Of(header, 1000));

    [Theory]
    [InlineData("bytes=1000-")]
    [InlineData("bytes=9999-10000")]
    [InlineData("bytes=-0")]
    public void A_range_beyond_the_end_is_none(string header) => Assert.Null(ByteRange.Of(header, 1000));

    [Fact]
    public async Task A_recording_comes_whole_in_parts_and_not_again()
    {
        var store = _rig.Store();
        var id = _rig.Write(store);
        var content = await File.ReadAllBytesAsync(_rig.Files[0]);
        await using var http = await HttpFixture.StartAsync(AccessMode.Open, static port => new(Bind: $"127.0.0.1:{port}"), pictures: new Files(store));

        using var whole = await http.SendAsync(HttpMethod.Get, $"/recording/{id}.mp4");
        Assert.Equal((HttpStatusCode.OK, "video/mp4", content.Length), (whole.StatusCode, whole.Content.Headers.ContentType!.MediaType, whole.Content.Headers.ContentLength));
        Assert.Equal(content, await whole.Content.ReadAsByteArrayAsync());
        var tag = whole.Headers.ETag!.ToString();

        using var part = await http.SendAsync(HttpMethod.Get, $"/recording/{id}.mp4", null, null, ("Range", "bytes=100-1099"));
        Assert.Equal((HttpStatusCode.PartialContent, $"bytes 100-1099/{content.Length}"), (part.StatusCode, part.Content.Headers.ContentRange!.ToString()));
        Assert.Equal(content[100..1100], await part.Content.ReadAsByteArrayAsync());

        using var same = await http.SendAsync(HttpMethod.Get, $"/recording/{id}.mp4", null, null, ("Range", "bytes=1-2"), ("If-Range", tag));
        Assert.Equal(2, (await same.Content.ReadAsByteArrayAsync()).Length);
        using var other = await http.SendAsync(HttpMethod.Get, $"/recording/{id}.mp4", null, null, ("Range", "bytes=1-2"), ("If-Range", "\"other\""));
        Assert.Equal((HttpStatusCode.OK, content.Length), (other.StatusCode, (await other.Content.ReadAsByteArrayAsync()).Length));
        using var known = await http.SendAsync(HttpMethod.Get, $"/recording/{id}.mp4", null, null, ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        using var beyond = await http.SendAsync(HttpMethod.Get, $"/recording/{id}.mp4", null, null, ("Range", $"bytes={content.Length}-"));
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, $"bytes */{content.Length}"), (beyond.StatusCode, beyond.Content.Headers.ContentRange!.ToString()));
        using var head = await http.SendAsync(HttpMethod.Head, $"/recording/{id}.mp4");
        Assert.Equal((content.Length, "bytes"), (head.Content.Headers.ContentLength, head.Headers.AcceptRanges.Single()));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, await http.StatusAsync(HttpMethod.Delete, $"/recording/{id}.mp4"));
        foreach (var wrong in new[] { $"/recording/{id}", "/recording/", "/recording/..%2f..%2fetc%2fpasswd.mp4", $"/recording/cam0/{id}.mp4", $"/recording/{id}.mp4/..", "/recording/%00.mp4" })
            Assert.Contains(await http.StatusAsync(HttpMethod.Get, wrong), new[] { HttpStatusCode.NotFound, HttpStatusCode.BadRequest });
    }

    [Fact]
    public async Task A_recording_takes_the_scope_record_and_a_snapshot_view()
    {
        var store = _rig.Store();
        var id = _rig.Write(store);
        await using var http = await HttpFixture.StartAsync(AccessMode.Tokens, static port => new(Bind: $"127.0.0.1:{port}"), pictures: new Files(store));
        using var forge = new TokenForge(http.Keys.Signing, TimeProvider.System);

        Assert.Equal(HttpStatusCode.Unauthorized, await http.StatusAsync(HttpMethod.Get, $"/recording/{id}.mp4"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync($"/recording/{id}.mp4", "view ptz gpio manage"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync($"/recording/{id}.mp4", "record"));
        Assert.Equal(HttpStatusCode.Unauthorized, await http.StatusAsync(HttpMethod.Get, "/snapshot/cam0.jpg"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("/snapshot/cam0.jpg", "record"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("/snapshot/cam0.jpg", "view"));

        Task<HttpStatusCode> AskAsync(string path, string scope) => http.StatusAsync(HttpMethod.Get, path, null, null, ("Authorization", $"Bearer {forge.Token(scope, isBound: false)}"));
    }

    [Fact]
    public async Task A_snapshot_is_a_JPEG_or_a_word_why_there_is_none()
    {
        await using var http = await HttpFixture.StartAsync(AccessMode.Open, static port => new(Bind: $"127.0.0.1:{port}"), pictures: new Files(_rig.Store()));
        using var answer = await http.SendAsync(HttpMethod.Get, "/snapshot/cam0.jpg");
        Assert.Equal(new MediaTypeHeaderValue("image/jpeg"), answer.Content.Headers.ContentType);
        Assert.Equal([1, 2, 3], await answer.Content.ReadAsByteArrayAsync());
        Assert.True(answer.Headers.CacheControl!.NoStore);

        using var none = await http.SendAsync(HttpMethod.Get, "/snapshot/cam1.jpg");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "no picture\n"), (none.StatusCode, await none.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.NotFound, await http.StatusAsync(HttpMethod.Get, "/snapshot/cam0"));
    }

    private sealed class Files(RecordingStore store) : IPictureFiles
    {
        public FileContent? OpenRecording(string id, out bool isBusy) =>
            store.TryRead(id, out isBusy) is { } reader ? new($"{reader.Segment.Id}.mp4", $"{reader.Segment.Id}-{reader.Length}", reader.Length, reader.ReadAsync, reader) : null;

        public Task<SnapshotAnswer> TakeSnapshotAsync(string camera) => Task.FromResult(camera == "cam0" ? new SnapshotAnswer([1, 2, 3]) : new(null, 503, "no picture"));
    }
}
