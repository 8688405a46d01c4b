using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EdgeCam.Agent.Tests.Update;

/// <summary>A web server on loopback that answers as a test says.</summary>
internal sealed class UpdateServer : IAsyncDisposable
{
    private readonly WebApplication _web;

    private UpdateServer(WebApplication web) => _web = web;

    public Uri Url => new($"{_web.Urls.First()}/archive");

    /// <summary>What was asked for: each request's Range, or "all".</summary>
    public List<string> Asked { get; } = [];

    public static async Task<UpdateServer> StartAsync(Func<HttpContext, int, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = [] });
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MinResponseDataRate = null;
        });
        var web = builder.Build();
        var server = new UpdateServer(web);
        web.Run(async context =>
        {
            int number;
            lock (server.Asked)
            {
                server.Asked.Add(context.Request.Headers.Range.ToString() is { Length: > 0 } range ? range : "all");
                number = server.Asked.Count;
            }

            await answer(context, number);
        });
        await web.StartAsync();
        return server;
    }

    /// <summary>A good server's answer, by ranges, which breaks off after so many bytes.</summary>
    public static async Task ServeAsync(HttpContext context, byte[] content, int? breakAfter = null, bool knowsRanges = true)
    {
        var from = knowsRanges && context.Request.Headers.Range.ToString() is { Length: > 0 } range ? int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        if (from > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        context.Response.ContentLength = content.Length - from;
        var until = Math.Min(content.Length, breakAfter is { } count ? from + count : int.MaxValue);
        await context.Response.Body.WriteAsync(content.AsMemory(from..until));
        if (until == content.Length)
            return;
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync(new CancellationToken(canceled: true));
        await _web.DisposeAsync();
    }
}
