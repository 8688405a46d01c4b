namespace EdgeCam.WebRtc.Tests.Structure;

/// <summary>The arrows between folders and projects point as the design says.</summary>
public sealed class DependencyArrowsTests
{
    [Fact]
    public void No_folder_knows_another_that_it_should_not()
    {
        SourceFile[] files = [.. SourceTree.Files("agent", ".cs").Concat(SourceTree.Files("hardware-sims", ".cs"))
            .Select(path => SourceFile.From(path, SourceTree.Read(path)))];

        Assert.Contains(files, file => file is { Project: "EdgeCam.WebRtc", Folder: "Primitives" }); // the tree was found
        Assert.Empty(DependencyRules.Violations(files));
    }

    [Fact]
    public void Projects_reference_only_what_the_layout_allows()
    {
        foreach (var path in SourceTree.Files("agent", ".csproj").Concat(SourceTree.Files("hardware-sims", ".csproj")))
        {
            var text = SourceTree.Read(path);
            Assert.DoesNotContain("Using Include=\"EdgeCam", text, StringComparison.Ordinal); // an arrow that no file shows
            if (!path.Contains("EdgeCam.Agent", StringComparison.Ordinal))
                Assert.DoesNotContain("<ProjectReference", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Bad.cs", "using EdgeCam.WebRtc.Dtls;")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Bad.cs", "using Transport = EdgeCam.WebRtc.Dtls.DtlsTransport;")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Bad.cs", "using static EdgeCam.WebRtc.Dtls.DtlsTransport;")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Bad.cs", "private EdgeCam.WebRtc.Dtls.DtlsTransport _transport;")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Bad.cs", "private global::EdgeCam.WebRtc.Dtls.DtlsTransport _transport;")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Bad.cs", "private WebRtc.Dtls.DtlsTransport _transport;")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Bad.cs", "private Dtls.DtlsTransport _transport;")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Bad.cs", "private PeerConnection _owner;")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Bad.cs", "namespace EdgeCam.WebRtc.Dtls;")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Bad.cs", "using EdgeCam.Agent.Peers;")]
    [InlineData("agent/EdgeCam.WebRtc/Primitives/Bad.cs", "using EdgeCam.WebRtc.Ice;")]
    [InlineData("agent/EdgeCam.Agent/Peers/Bad.cs", "using EdgeCam.Agent.Cameras;")]
    [InlineData("agent/EdgeCam.Agent/Cameras/Bad.cs", "using EdgeCam.Agent.Streaming;")]
    [InlineData("agent/EdgeCam.Agent/Cameras/Bad.cs", "using EdgeCam.Sims;")]
    [InlineData("agent/EdgeCam.Agent/Cameras/Bad.cs", "using EdgeCam.Agent.Settings;")]
    [InlineData("agent/EdgeCam.Other/Bad.cs", "")]
    [InlineData("hardware-sims/EdgeCam.Sims/Camera/Bad.cs", "using EdgeCam.WebRtc.Primitives;")]
    [InlineData("hardware-sims/EdgeCam.Sims/Bad.cs", "using EdgeCam.Agent;")]
    public void A_forbidden_edge_is_found(string path, string line) => Assert.NotEmpty(DependencyRules.Violations(With(path, line)));

    [Theory]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Good.cs", "using EdgeCam.WebRtc.Primitives;\nusing EdgeCam.WebRtc.Stun;")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Good.cs", "// as EdgeCam.WebRtc.Dtls.DtlsTransport does for the PeerConnection")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Good.cs", "/// <see cref=\"EdgeCam.WebRtc.PeerConnection\"/>")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Good.cs", "Log(\"EdgeCam.WebRtc.Dtls.DtlsTransport\");")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Good.cs", "Dtls.HandleTimeout();")]
    [InlineData("agent/EdgeCam.WebRtc/Ice/Good.cs", "namespace EdgeCam.WebRtc.Ice.Checks;")]
    [InlineData("agent/EdgeCam.WebRtc/Good.cs", "using EdgeCam.WebRtc.Dtls;\nusing EdgeCam.WebRtc.Ice;")]
    [InlineData("agent/EdgeCam.Agent/Peers/Good.cs", "using EdgeCam.Agent.Streaming;\nusing EdgeCam.WebRtc;\nusing EdgeCam.Agent.Diagnostics;")]
    [InlineData("agent/EdgeCam.Agent/Settings/Good.cs", "using EdgeCam.Agent.Cameras;\nusing EdgeCam.Agent.Peers;")]
    [InlineData("agent/EdgeCam.Agent/Program.cs", "using EdgeCam.Agent.Cameras;\nusing EdgeCam.Agent.Peers;")]
    public void An_allowed_edge_is_no_violation(string path, string line) => Assert.Empty(DependencyRules.Violations(With(path, line)));

    /// <summary>A small tree of good files, and the one in question.</summary>
    private static SourceFile[] With(string path, string text) =>
    [
        SourceFile.From("agent/EdgeCam.WebRtc/PeerConnection.cs", "namespace EdgeCam.WebRtc;"),
        SourceFile.From("agent/EdgeCam.WebRtc/Primitives/Instant.cs", "namespace EdgeCam.WebRtc.Primitives;"),
        SourceFile.From("agent/EdgeCam.WebRtc/Stun/StunMessage.cs", "namespace EdgeCam.WebRtc.Stun;"),
        SourceFile.From("agent/EdgeCam.WebRtc/Ice/IceAgent.cs", "namespace EdgeCam.WebRtc.Ice;"),
        SourceFile.From("agent/EdgeCam.WebRtc/Dtls/DtlsTransport.cs", "namespace EdgeCam.WebRtc.Dtls;"),
        SourceFile.From("agent/EdgeCam.Agent/Cameras/CameraOptions.cs", "namespace EdgeCam.Agent.Cameras;"),
        SourceFile.From("agent/EdgeCam.Agent/Streaming/LiveStream.cs", "namespace EdgeCam.Agent.Streaming;"),
        SourceFile.From("agent/EdgeCam.Agent/Peers/PeerLoop.cs", "namespace EdgeCam.Agent.Peers;"),
        SourceFile.From("agent/EdgeCam.Agent/Settings/LocalKeys.cs", "namespace EdgeCam.Agent.Settings;"),
        SourceFile.From("agent/EdgeCam.Agent/Diagnostics/Meters.cs", "namespace EdgeCam.Agent.Diagnostics;"),
        SourceFile.From(path, text),
    ];
}
