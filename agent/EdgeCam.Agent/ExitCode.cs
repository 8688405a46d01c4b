namespace EdgeCam.Agent;

/// <summary>How <c>edgecam</c> ends; <c>edgecam --help</c> lists them.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The configuration has mistakes.</summary>
    public const int Configuration = 1;

    /// <summary>The command line is not understood.</summary>
    public const int Usage = 2;

    /// <summary>A port is taken, or the like.</summary>
    public const int Start = 3;

    /// <summary>A fault of ours ended it.</summary>
    public const int Fault = 4;

    /// <summary>A configured STUN or TURN server does not work.</summary>
    public const int Network = 5;

    /// <summary>A device could not be made safe.</summary>
    public const int Unsafe = 6;

    /// <summary>An operator asked for it to start anew: whoever started it does so again.</summary>
    public const int Restart = 7;

    /// <summary>The broker of a fleet was not reached, stayed away, or does not allow it.</summary>
    public const int Broker = 8;

    /// <summary>A device of a fleet refused what it was asked for, or took it back.</summary>
    public const int Refused = 9;

    /// <summary>A device of a fleet is offline, or did not answer in time.</summary>
    public const int Silent = 10;

    /// <summary>Ended by Ctrl-C, as shells number it: 128 and the signal.</summary>
    public const int Interrupted = 130;
}
