namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>Why a node gives no pictures, for people: what happened and what to do.</summary>
/// <param name="IsRefusal">The operator must change something; otherwise it may come back by itself.</param>
/// <param name="IsAtOnce">Opening it again helps, without a wait.</param>
/// <param name="IsWaiting">Nothing is wrong with the node: it is looked at again and again, without longer and longer waits.</param>
internal sealed record V4l2Ending(string Detail, bool IsRefusal = false, bool IsAtOnce = false, bool IsWaiting = false);
