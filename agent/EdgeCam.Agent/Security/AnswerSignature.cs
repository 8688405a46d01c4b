namespace EdgeCam.Agent.Security;

/// <summary>
/// The device's word that an answer is its own: with the thumbprint of its identity in the link, a viewer knows that nobody put another
/// certificate in its place.
/// </summary>
internal static class AnswerSignature
{
    public const string Purpose = "edgecam-answer-v1";

    /// <summary>What is signed.</summary>
    /// <param name="nonce">The offer's; empty where it had none.</param>
    public static string Text(string device, string session, string offerFingerprint, string answerFingerprint, string nonce) =>
        $"{Purpose}\n{device}\n{session}\n{offerFingerprint}\n{answerFingerprint}\n{nonce}";

    public static string Sign(DeviceKey identity, string device, string session, string offer, string answer, string? nonce) =>
        identity.Sign(Text(device, session, SdpFingerprint.Of(offer) ?? "", SdpFingerprint.Of(answer) ?? "", nonce ?? ""));
}
