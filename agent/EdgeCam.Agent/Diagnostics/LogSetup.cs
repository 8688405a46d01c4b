namespace EdgeCam.Agent.Diagnostics;

/// <summary>Where the log goes: to the console, for people or with the journal's priorities.</summary>
internal static class LogSetup
{
    /// <param name="threshold">Asked at each message, so that it may be changed.</param>
    public static void Configure(ILoggingBuilder logging, LogOptions options, LogThreshold threshold)
    {
        logging.SetMinimumLevel(LogLevel.Trace);
        logging.AddFilter(level => level >= threshold.Level);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // what keeps it from starting, we say in words
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
