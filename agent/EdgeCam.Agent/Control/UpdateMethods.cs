using System.Text.Json;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>The namespace <c>update</c>: who manages the device tells it what to install; the device decides whether it does.</summary>
internal static class UpdateMethods
{
    private const int MaxUrl = 2048; // characters
    private const int MaxManifest = 8 * 1024;

    /// <param name="report">Writes what is to be told, one object.</param>
    /// <param name="install">By the archive's address and its manifest; gives why not, or null.</param>
    /// <param name="cancel">Likewise.</param>
    public static IEnumerable<ControlMethod> Create(Action<Utf8JsonWriter> report, Func<string, string, ControlError?> install, Func<ControlError?> cancel)
    {
        // On other threads than the caller's: files are written and brought to the disk.
        yield return new("update.check", AccessScope.Manage, "Tells what runs, how an update stands, which keys it may be signed with, and how the last one ended.", [], call => new(Task.Run(() =>
        {
            report(call.Result);
            return (ControlError?)null;
        })));
        yield return new(
            "update.install", AccessScope.Manage,
            "Downloads and installs a version on trial: it is confirmed when it is back with its broker and cameras, else the one before it comes back by itself. event/update tells how it goes.",
            [
                new("url", ParameterKind.Text, "Where the archive lies, https or http.", IsRequired: true, Minimum: 1, Maximum: MaxUrl),
                new("manifest", ParameterKind.Text, "The signed manifest: a JWS in compact form, as deploy/update/manifest.mjs makes it.", IsRequired: true, Minimum: 1, Maximum: MaxManifest),
            ],
            call => new(Task.Run(() =>
            {
                var error = install(call.Arguments.Text("url")!, call.Arguments.Text("manifest")!);
                if (error is null)
                    report(call.Result); // with the id that events have
                return error;
            })));
        yield return new("update.cancel", AccessScope.Manage, "Stops an update that is not being installed yet.", [], _ => new(Task.Run(cancel)));
    }
}
