using System.Net;
using System.Net.Sockets;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>Whether somebody listens.</summary>
internal static class NetworkPort
{
    public static bool Answers(NetNamespace where, int port, string address = NetworkLab.PublicAddress)
    {
        using var socket = where.Socket(SocketType.Stream);
        try
        {
            socket.Connect(new IPEndPoint(IPAddress.Parse(address), port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
