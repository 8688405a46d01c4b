namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>V4L2_CTRL_TYPE_*, those that the agent handles; others have numbers of their own.</summary>
internal enum V4l2ControlKind : uint
{
    Number = 1,
    Switch = 2,
    Menu = 3,
    Button = 4,

    /// <summary>A menu whose entries are numbers (V4L2_CTRL_TYPE_INTEGER_MENU).</summary>
    NumberMenu = 9,
}
