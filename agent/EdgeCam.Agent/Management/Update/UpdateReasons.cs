namespace EdgeCam.Agent.Management.Update;

/// <summary>Why an update was refused, given up or taken back, as programs read it: in events, errors and results. Words are never reused for something else.</summary>
internal static class UpdateReasons
{
    /// <summary>The device has no key that could have signed one.</summary>
    public const string NoKeys = "noKeys";

    /// <summary>Nothing on this device installs updates.</summary>
    public const string NoHelper = "noHelper";

    /// <summary>Another one is under way.</summary>
    public const string Busy = "busy";

    /// <summary>None is under way, or none that could still be stopped.</summary>
    public const string TooLate = "tooLate";

    public const string BadUrl = "badUrl";

    /// <summary>Not a manifest, or one with a member missing or wrong.</summary>
    public const string BadManifest = "badManifest";

    /// <summary>Signed, it says, by a key that this device has not.</summary>
    public const string UnknownKey = "unknownKey";

    public const string WrongSignature = "wrongSignature";

    public const string WrongProduct = "wrongProduct";

    public const string WrongDeviceClass = "wrongDeviceClass";

    public const string OlderVersion = "olderVersion";

    public const string SameVersion = "sameVersion";

    /// <summary>A version that had to be left behind, however new its number is.</summary>
    public const string OlderRollbackIndex = "olderRollbackIndex";

    /// <summary>What runs is older than what this update builds upon.</summary>
    public const string BelowMinimumVersion = "belowMinimumVersion";

    public const string NoSpace = "noSpace";

    /// <summary>The server has it not, or does not give it.</summary>
    public const string DownloadRefused = "downloadRefused";

    /// <summary>It could not be had within a day.</summary>
    public const string DownloadFailed = "downloadFailed";

    public const string WrongSize = "wrongSize";

    public const string WrongHash = "wrongHash";

    public const string Cancelled = "cancelled";

    /// <summary>Nobody took it from where it was laid ready.</summary>
    public const string HelperSilent = "helperSilent";

    /// <summary>The helper came to its end in the middle of it, again and again.</summary>
    public const string HelperFailed = "helperFailed";

    public const string BadRequest = "badRequest";

    /// <summary>The archive holds what it may not, or lacks the program.</summary>
    public const string BadArchive = "badArchive";

    /// <summary>The new program does not run here, or says another version.</summary>
    public const string SelfTestFailed = "selfTestFailed";

    /// <summary>It was started three times and never found itself healthy.</summary>
    public const string DidNotStart = "didNotStart";

    /// <summary>It ran, but was not back with its broker and cameras in time.</summary>
    public const string NotHealthy = "notHealthy";
}
