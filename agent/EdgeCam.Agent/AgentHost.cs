using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Management;
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

    /// <param name="leftOut">Why what was set remotely is left out, an alarm; null or none: it is not.</param>
    public static async Task<int> RunAsync(AgentOptions options, MediaPlaneFactory media, TextWriter errors, IReadOnlyList<ConfigurationMistake>? leftOut = null)
    {
        var agentLog = new AgentLog(options.Log, TimeProvider.System);
        using var host = Build(options, agentLog);
        var log = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeCam");
        foreach (var mistake in leftOut ?? [])
            log.RemoteLeftOut(mistake.ToString().Replace("\n    ", ". ", StringComparison.Ordinal));
        try
        {
            return await RunAsync(host, options, media, log, agentLog) ? ExitCode.Restart : ExitCode.Success;
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
            return ExitCode.Fault;
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

    /// <returns>Whether it is to be started again.</returns>
    private static async Task<bool> RunAsync(IHost host, AgentOptions options, MediaPlaneFactory media, ILogger log, AgentLog agentLog)
    {
        using var agent = new Composition(options, media, host.Services.GetRequiredService<ILoggerFactory>(), TimeProvider.System, ServiceManager.Take(), agentLog);
        log.Starting(agent.Device.Version, agent.Device.Id, string.Join(", ", options.Cameras.Select(camera => $"{camera.Name} ({camera.Source})")));
        if (host is WebApplication web)
            agent.Http().Map(web);
        await agent.StartAsync();
        try
        {
            await host.StartAsync();
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException || failure.GetBaseException() is SocketException)
        {
            throw new StartFailureException(new("http.bind", $"{options.Http.Bind}: {failure.GetBaseException().Message}", "Choose an address of this machine and a free port."), failure);
        }

        if (options.Http.Enabled)
            log.Serving(options.Http.IsSecure ? "https" : "http", options.Http.Bind);
        try
        {
            await agent.RunAsync(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            return agent.IsRestarting;
        }
        finally
        {
            await host.StopAsync();
        }
    }
}
