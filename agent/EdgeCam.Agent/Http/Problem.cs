using Microsoft.AspNetCore.Http;

namespace EdgeCam.Agent.Http;

/// <summary>A refusal in words.</summary>
internal static class Problem
{
    public static Task WriteAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }

    /// <summary>405 with what is allowed instead.</summary>
    public static Task NotAllowedAsync(HttpContext context, string allow)
    {
        context.Response.Headers.Allow = allow;
        return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, $"use {allow}");
    }
}
