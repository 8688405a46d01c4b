namespace EdgeCam.Agent.Signaling;

/// <summary>How much of it there may be.</summary>
/// <param name="Sessions">Known at once, live or not. The oldest that is not live makes room.</param>
/// <param name="EarlyCandidates">Held for a session whose offer is not answered yet.</param>
/// <param name="EarlyCandidateSeconds">How long they are held.</param>
/// <param name="IdleSeconds">A session that is not live is forgotten after so long; until then its duplicates are recognized.</param>
/// <param name="MessagesPerSecond">Of one client, over time.</param>
/// <param name="Burst">Of one client, at once.</param>
/// <param name="OfferCost">An offer counts as so many messages: the loop that sends the pictures has to read it. So does a hello with a token, which has to be verified.</param>
/// <param name="Clients">Whose rate is remembered.</param>
/// <param name="Queue">Messages that wait for their turn.</param>
/// <param name="AnswerSeconds">An offer that is not answered by then is refused.</param>
internal sealed record SignalingLimits(
    int Sessions = 256,
    int EarlyCandidates = 32,
    int EarlyCandidateSeconds = 10,
    int IdleSeconds = 60,
    double MessagesPerSecond = 100,
    double Burst = 200,
    int OfferCost = 5,
    int Clients = 1024,
    int Queue = 1024,
    int AnswerSeconds = 10);
