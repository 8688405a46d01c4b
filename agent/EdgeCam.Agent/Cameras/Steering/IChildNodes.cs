namespace EdgeCam.Agent.Cameras.Steering;

/// <summary>The device nodes that a process of ours, or one of its children, has open. Tests put their own in its place.</summary>
internal interface IChildNodes
{
    /// <summary>Its descriptors that lead to a video node.</summary>
    /// <exception cref="SteeringException">The kernel does not show them.</exception>
    IReadOnlyList<ChildDescriptor> List(int processId);

    /// <summary>A copy of the descriptor: the same open node, with the settings that belong to that opening.</summary>
    /// <exception cref="SteeringException">The kernel gives none.</exception>
    IEncoderNode Duplicate(ChildDescriptor descriptor);
}
