namespace EdgeCam.Agent.Settings;

/// <summary>What a key of the configuration file holds.</summary>
internal enum ConfigurationKind
{
    Text,
    Integer,
    Number,
    Flag,
    TextList,
    Section,
    SectionList,
}
