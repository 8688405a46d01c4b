namespace EdgeCam.Agent.Diagnostics;

/// <summary>Where the log goes: to the console, for people or with the journal's priorities; and its last lines into memory.</summary>
internal static class LogSetup
{
    public static void Configure(ILoggingBuilder logging, LogOptions options, AgentLog? log = null)
    {
        log ??= new(options, TimeProvider.System);
        logging.SetMinimumLevel(LogLevel.Trace); // the filter is asked at each line, so that it may change its mind
        logging.AddFilter(log.Levels.IsEnabled);
        logging.AddProvider(log.Ring);
        if (options.Format == "systemd" || (options.Format == "auto" && JournalStream.IsConnected()))
        {
            logging.AddSystemdConsole();
            return;
        }

        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
    }
}
