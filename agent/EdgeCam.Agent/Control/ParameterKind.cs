namespace EdgeCam.Agent.Control;

/// <summary>What a parameter holds, as JSON Schema names it.</summary>
internal enum ParameterKind
{
    Number,
    Integer,
    Text,
    Flag,

    /// <summary>A list of texts.</summary>
    TextList,

    /// <summary>An object of any members.</summary>
    Section,
}
