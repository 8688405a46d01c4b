using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EdgeCam.Agent;

/// <summary>
/// Runs the agent under the generic host, which brings the log and signals; and under Kestrel where HTTP is switched on. systemd hears from
/// the agent itself: the host would tell it that all is ready before any camera was tried. Both begin empty: no environment variable and no file but the configuration has a say.
/// </summary>
internal static class AgentHost
{
    private const int MaxConnections = 512;

    private static readonly TimeSpan s_shutdown = TimeSpan.FromSeconds(5);

    /// <summary>Runs the agent, and makes it anew as often as its settings want that. Settings on trial that do not start are rolled back at once.</summary>
    /// <param name="end">Ends it, as a signal does.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(SettingsKeeper settings, MediaPlaneFactory media, TextWriter errors, CancellationToken end = default)
    {
        var manager = ServiceManager.Take();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(end);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop)); // between two hosts, too
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        var agentLog = new AgentLog(settings.Options.Log, TimeProvider.System); // its lines outlive a new beginning
        while (true)
        {
            agentLog.Levels.Configure(settings.Options.Log.Level);
            using var host = Build(settings.Options, agentLog);
            var log = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeCam");
            try
            {
                var ending = await RunAsync(host, settings, media, manager, log, agentLog, stop.Token);
                if (ending != AgentEnding.Anew || stop.IsCancellationRequested)
                    return ending == AgentEnding.Restart ? ExitCode.Restart : ExitCode.Success;
            }
            catch (StartFailureException failure) when (settings.Trial is not null)
            {
                RollBack(settings, $"{failure.Mistake.Key}: {failure.Mistake.Problem}", log);
            }
            catch (StartFailureException failure)
            {
                await errors.WriteLineAsync(failure.Mistake.ToString());
                return ExitCode.Start;
            }
#pragma warning disable CA1031 // the end of the program: what nobody expected is said and turned into an exit code
            catch (Exception fault)
#pragma warning restore CA1031
            {
                log.Faulted(fault);
                if (settings.Trial is null)
                    return ExitCode.Fault;
                RollBack(settings, $"the agent ended by a fault: {fault.Message}", log);
            }
        }
    }

    /// <summary>The host, with Kestrel only where HTTP is switched on.</summary>
    internal static IHost Build(AgentOptions options, AgentLog? log = null)
    {
        if (!options.Http.Enabled)
        {
            var plain = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
            Configure(plain, options, log);
            return plain.Build();
        }

        var web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = [] });
        Configure(web, options, log);
        web.WebHost.UseKestrelCore();
        web.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = MaxConnections / 2;
            kestrel.Limits.MaxRequestBodySize = RequestBody.Max + 1; // one more, so that the endpoint can say what is wrong
            kestrel.Listen(IPEndPoint.Parse(options.Http.Bind), listen => Secure(listen, options.Http));
        });
        return web.Build();
    }

    private static void Secure(ListenOptions listen, HttpOptions http)
    {
        if (http is not { CertificateFile: { } certificateFile, KeyFile: { } keyFile })
            return;
        var log = listen.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeCam");
        var certificate = new ServerCertificate(certificateFile, keyFile, TimeProvider.System, log);
        _ = certificate.Current(); // what is wrong with it shows at the start
        listen.Protocols = HttpProtocols.Http1; // as without TLS
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Options()) });
    }

    private static void Configure(IHostApplicationBuilder builder, AgentOptions options, AgentLog? log)
    {
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = s_shutdown);
        LogSetup.Configure(builder.Logging, options.Log, log);
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }

    private static void RollBack(SettingsKeeper settings, string reason, ILogger log)
    {
        log.SettingsRolledBack(settings.Revision, reason);
        settings.RollBack(reason);
    }

    private static async Task<AgentEnding> RunAsync(
        IHost host, SettingsKeeper settings, MediaPlaneFactory media, ServiceManager? manager, ILogger log, AgentLog agentLog, CancellationToken stop)
    {
        var options = settings.Options;
        using var time = new SharedTicks();
        using var agent = new Composition(options, media, host.Services.GetRequiredService<ILoggerFactory>(), time, manager, settings, agentLog);
        log.Starting(agent.Device.Version, agent.Device.Id, string.Join(", ", options.Cameras.Select(camera => $"{camera.Name} ({camera.Source})")));
        if (host is WebApplication web)
            agent.Http().Map(web);
        await agent.StartAsync();
        try
        {
            await host.StartAsync(CancellationToken.None);
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException || failure.GetBaseException() is SocketException)
        {
            throw new StartFailureException(new("http.bind", $"{options.Http.Bind}: {failure.GetBaseException().Message}", "Choose an address of this machine and a free port."), failure);
        }

        if (options.Http.Enabled)
            log.Serving(options.Http.IsSecure ? "https" : "http", options.Http.Bind);
        try
        {
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(stop, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            using var starting = CancellationTokenSource.CreateLinkedTokenSource(ends.Token);
            var releasing = StartupMemory.ReleaseAsync(starting.Token);
            await agent.RunAsync(ends.Token);
            await starting.CancelAsync();
            await releasing;
            return ends.IsCancellationRequested ? AgentEnding.Stopped : agent.IsRestarting ? AgentEnding.Restart : agent.WantsRestart ? AgentEnding.Anew : AgentEnding.Stopped;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }
}
