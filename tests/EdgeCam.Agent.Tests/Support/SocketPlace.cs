using System.Net;
using System.Net.Sockets;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>Where a test's viewer comes from.</summary>
/// <param name="Address">Its one candidate.</param>
/// <param name="Port">0 takes a free one.</param>
/// <param name="Open">Makes the socket, where that has to be in another network namespace.</param>
internal sealed record SocketPlace(IPAddress Address, int Port = 0, Func<AddressFamily, Socket>? Open = null);
