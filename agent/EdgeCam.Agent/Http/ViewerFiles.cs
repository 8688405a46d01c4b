using System.IO.Compression;
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
        _files = files.ToDictionary(file => file.Key, file => new ViewerFile(file.Value, ContentType(file.Key)), StringComparer.Ordinal);
        _files.TryAdd(Index, new(s_notBuilt, ContentType(Index)));
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

        var isCompressed = TakesGzip(context.Request) && file.Compressed.Value.Length < file.Content.Length;
        var (content, tag) = isCompressed ? (file.Compressed.Value, file.CompressedTag) : (file.Content, file.Tag);
        var response = context.Response;
        response.Headers.ETag = tag;
        response.Headers.CacheControl = "no-cache"; // kept, but asked for each time: an update shows at once
        response.Headers.Vary = "Accept-Encoding";
        if (context.Request.Headers.IfNoneMatch.ToString().Split(',').Any(known => known.Trim() is var named && (named == "*" || named == tag)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = file.ContentType;
        response.ContentLength = content.Length;
        if (isCompressed)
            response.Headers.ContentEncoding = "gzip";
        if (HttpMethods.IsGet(context.Request.Method))
            await response.Body.WriteAsync(content, context.RequestAborted);
    }

    /// <summary>RFC 9110 §12.5.3; a weight of 0 refuses.</summary>
    private static bool TakesGzip(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && coding.Quality is not 0);

    private static byte[] Read(Assembly assembly, string name)
    {
        using var resource = assembly.GetManifestResourceStream(name)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return content;
    }

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

    /// <summary>A file as it is, and as it travels slow links: made when it is first asked for.</summary>
    private sealed class ViewerFile(byte[] content, string contentType)
    {
        private readonly string _hash = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12));

        public byte[] Content { get; } = content;

        public string ContentType { get; } = contentType;

        public Lazy<byte[]> Compressed { get; } = new(() => Compress(content));

        public string Tag => $"\"{_hash}\"";

        public string CompressedTag => $"\"{_hash}-gzip\"";

        private static byte[] Compress(byte[] content)
        {
            using var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
                gzip.Write(content);
            return compressed.ToArray();
        }
    }
}
