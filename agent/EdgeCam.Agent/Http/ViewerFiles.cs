using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace EdgeCam.Agent.Http;

/// <summary>The viewer's files, which travel in the executable. What is not among them is not there: no path reaches a disk.</summary>
internal sealed class ViewerFiles
{
    private const string ResourcePrefix = "viewer/";
    private const string Index = "index.html";

    private static readonly byte[] s_notBuilt = "<!doctype html><title>EdgeCam</title><p>The viewer was not built into this executable: build agent/viewer first."u8.ToArray();

    private readonly Dictionary<string, ViewerFile> _files;

    public ViewerFiles(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        _files = files.ToDictionary(file => file.Key, file => new ViewerFile(file.Value, ContentType(file.Key), Tag(file.Value)), StringComparer.Ordinal);
        _files.TryAdd(Index, new(s_notBuilt, ContentType(Index), Tag(s_notBuilt)));
    }

    public static ViewerFiles FromAssembly()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return new(assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Select(name => new KeyValuePair<string, byte[]>(name[ResourcePrefix.Length..].Replace('\\', '/'), Read(assembly, name))));
    }

    /// <param name="path">Without its first slash; empty is the page.</param>
    public async Task HandleAsync(HttpContext context, string path)
    {
        if (!_files.TryGetValue(path.Length == 0 ? Index : path, out var file))
        {
            await Problem.WriteAsync(context, StatusCodes.Status404NotFound, "there is no such page");
            return;
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            await Problem.NotAllowedAsync(context, "GET, HEAD");
            return;
        }

        var response = context.Response;
        response.Headers.ETag = file.EntityTag;
        response.Headers.CacheControl = "no-cache"; // kept, but asked for each time: an update shows at once
        if (context.Request.Headers.IfNoneMatch.ToString().Split(',').Any(tag => tag.Trim() is var named && (named == "*" || named == file.EntityTag)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = file.ContentType;
        response.ContentLength = file.Content.Length;
        if (HttpMethods.IsGet(context.Request.Method))
            await response.Body.WriteAsync(file.Content, context.RequestAborted);
    }

    private static byte[] Read(Assembly assembly, string name)
    {
        using var resource = assembly.GetManifestResourceStream(name)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return content;
    }

    private static string Tag(byte[] content) => $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"";

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".json" or ".map" => "application/json",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };

    private sealed record ViewerFile(byte[] Content, string ContentType, string EntityTag);
}
