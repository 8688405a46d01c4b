using Microsoft.Extensions.Options;

namespace EdgeCam.Agent.Settings;

/// <summary>The ranges and patterns that stand as attributes on the records, checked by generated code.</summary>
[OptionsValidator]
internal sealed partial class AgentOptionsRules : IValidateOptions<AgentOptions>;
