using System.Collections.Frozen;
using System.Text.Json;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>All methods by name; it lists itself by <c>device.methods</c>.</summary>
internal sealed class ControlMethods
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    private readonly FrozenDictionary<string, ControlMethod> _byName;

    public ControlMethods(IEnumerable<ControlMethod> methods) =>
        _byName = methods.Append(ControlMethod.Immediate("device.methods", AccessScope.View, "Lists the methods with their parameters as JSON Schema.", [], List))
            .ToFrozenDictionary(method => method.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<ControlMethod> All => _byName.Values;

    public ControlMethod? Find(string name) => _byName.GetValueOrDefault(name);

    private ControlError? List(ControlCall call)
    {
        var writer = call.Result;
        writer.WriteStartObject();
        writer.WriteStartArray("methods");
        foreach (var method in _byName.Values.OrderBy(method => method.Name, StringComparer.Ordinal))
            Write(writer, method);
        writer.WriteEndArray();
        writer.WriteEndObject();
        return null;
    }

    private static void Write(Utf8JsonWriter writer, ControlMethod method)
    {
        writer.WriteStartObject();
        writer.WriteString("name", method.Name);
        writer.WriteString("description", method.Description);
        writer.WriteString("scope", AccessScopes.Word(method.Scope));
        writer.WriteStartArray("channels");
        writer.WriteStringValue(ControlDispatcher.Channel);
        if (method.IsFast)
            writer.WriteStringValue(ControlDispatcher.FastChannel);
        writer.WriteEndArray();
        writer.WriteStartObject("params");
        writer.WriteString("$schema", Dialect);
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        foreach (var parameter in method.Parameters)
        {
            writer.WritePropertyName(parameter.Name);
            parameter.WriteSchema(writer);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("required");
        foreach (var parameter in method.Parameters.Where(parameter => parameter.IsRequired))
            writer.WriteStringValue(parameter.Name);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
