using System.Globalization;
using EdgeCam.Agent.Security;
using Microsoft.AspNetCore.Http;

namespace EdgeCam.Agent.Http;

/// <summary><c>/recording/ID.mp4</c>, whole or in ranges, for the scope <c>record</c>; <c>/snapshot/CAMERA.jpg</c> for <c>view</c>.</summary>
internal sealed class PictureEndpoints(IPictureFiles files, BearerAccess access)
{
    private const int Chunk = 64 * 1024;

    /// <param name="name">What follows <c>/recording/</c>. It is compared with ids that there are, and leads to no path.</param>
    public async Task RecordingAsync(HttpContext context, string name)
    {
        const string Extension = ".mp4";
        if (!await MayGetAsync(context, AccessScope.Record))
            return;
        var isBusy = false;
        using var file = name.EndsWith(Extension, StringComparison.Ordinal) ? files.OpenRecording(name[..^Extension.Length], out isBusy) : null;
        if (file is null && isBusy)
        {
            context.Response.Headers.RetryAfter = "5";
            await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "too many recordings are being read; try again later");
        }
        else if (file is null)
        {
            await Problem.WriteAsync(context, StatusCodes.Status404NotFound, "there is no such recording, or it is not kept any more; recording.list has those that there are");
        }
        else
        {
            await SendAsync(context, file);
        }
    }

    /// <param name="name">What follows <c>/snapshot/</c>.</param>
    public async Task SnapshotAsync(HttpContext context, string name)
    {
        const string Extension = ".jpg";
        if (!await MayGetAsync(context, AccessScope.View))
            return;
        var answer = name.EndsWith(Extension, StringComparison.Ordinal)
            ? await files.TakeSnapshotAsync(name[..^Extension.Length]).WaitAsync(context.RequestAborted)
            : new(null, StatusCodes.Status404NotFound, "write /snapshot/, the camera's name and .jpg");
        if (answer.Jpeg is not { } jpeg)
        {
            await Problem.WriteAsync(context, answer.Code, answer.Message);
            return;
        }

        context.Response.ContentType = "image/jpeg";
        context.Response.ContentLength = jpeg.Length;
        context.Response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsGet(context.Request.Method))
            await context.Response.Body.WriteAsync(jpeg, context.RequestAborted);
    }

    private async Task<bool> MayGetAsync(HttpContext context, AccessScope scope)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            return await access.AdmitAsync(context, scope) is not null;
        await Problem.NotAllowedAsync(context, "GET, HEAD");
        return false;
    }

    private static async Task SendAsync(HttpContext context, FileContent file)
    {
        var (request, response) = (context.Request, context.Response);
        var tag = $"\"{file.Tag}\"";
        response.Headers.ETag = tag;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.CacheControl = "private, no-cache";
        if (request.Headers.IfNoneMatch.ToString().Split(',').Any(known => known.Trim() is var named && (named == "*" || named == tag)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        // RFC 9110 §13.1.5: a part of other bytes than the ones before is of no use.
        var ifRange = request.Headers.IfRange.ToString();
        var asked = HttpMethods.IsGet(request.Method) && (ifRange.Length == 0 || ifRange == tag) ? request.Headers.Range.ToString() : "";
        if (ByteRange.Of(asked, file.Length) is not { } range)
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{file.Length}");
            await Problem.WriteAsync(context, StatusCodes.Status416RangeNotSatisfiable, $"the recording has {file.Length} bytes");
            return;
        }

        if (range.IsPart)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {range.Start}-{range.Start + range.Length - 1}/{file.Length}");
        }

        response.ContentType = "video/mp4";
        response.ContentLength = range.Length;
        response.Headers.ContentDisposition = $"inline; filename=\"{file.Name}\"";
        if (HttpMethods.IsGet(request.Method))
            await CopyAsync(file, range, response.Body, context.RequestAborted);
    }

    private static async Task CopyAsync(FileContent file, ByteRange range, Stream body, CancellationToken aborted)
    {
        var buffer = new byte[Chunk];
        for (var (offset, left) = (range.Start, range.Length); left > 0;)
        {
            var count = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, Chunk)), offset, aborted);
            if (count == 0)
                throw new EndOfStreamException("A recording is shorter than it was.");
            await body.WriteAsync(buffer.AsMemory(0, count), aborted);
            (offset, left) = (offset + count, left - count);
        }
    }
}
