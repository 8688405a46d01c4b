using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Cameras.V4l2.Interop;

/// <summary>What all device nodes have: an identity, controls and events.</summary>
internal abstract unsafe class V4l2Node(SafeFileHandle node) : IV4l2Controls, IDisposable
{
    private const int MaxEvents = 64; // at a time
    private const int MaxControls = 256;
    private const int MaxMenu = 64;

    protected SafeFileHandle Handle => node;

    public V4l2Identity Identify()
    {
        var told = default(KernelStructures.Capability);
        Check(V4l2Calls.Identify, LibC.Control(node, KernelConstants.QueryCapability, ref told));
        var capabilities = (told.OfDevice & KernelConstants.HasNodeCapabilities) != 0 ? told.OfNode : told.OfDevice;
        return new(Text(told.Driver, 16), Text(told.Card, 32), (V4l2Capabilities)capabilities);
    }

    public V4l2Control? FindControl(uint id)
    {
        var told = new KernelStructures.QueryControl { Id = id };
        return LibC.Control(node, KernelConstants.QueryControl, ref told) == 0 && (told.Flags & KernelConstants.ControlLocked) == 0
            ? new(told.Minimum, told.Maximum)
            : null;
    }

    public void SetControl(uint id, int value)
    {
        var control = new KernelStructures.Control { Id = id, Value = value };
        Check(V4l2Calls.SetControl, LibC.Control(node, KernelConstants.SetControl, ref control));
    }

    public int? GetControl(uint id)
    {
        var control = new KernelStructures.Control { Id = id };
        return LibC.Control(node, KernelConstants.GetControl, ref control) == 0 ? control.Value : null;
    }

    public IReadOnlyList<V4l2ControlInfo> ListControls()
    {
        List<V4l2ControlInfo> controls = [];
        var told = new KernelStructures.QueryControl { Id = KernelConstants.NextControl };
        for (var i = 0; i < MaxControls && LibC.Control(node, KernelConstants.QueryControl, ref told) == 0; i++)
        {
            controls.Add(new(told.Id, (V4l2ControlKind)told.Type, Text(told.Name, 32), told.Minimum, told.Maximum, told.Step, told.Default, told.Flags) { Menu = ListMenu(told) });
            told = new() { Id = told.Id | KernelConstants.NextControl };
        }

        return controls;
    }

    public virtual void Dispose()
    {
        node.Dispose();
        GC.SuppressFinalize(this);
    }

    internal static string Text(byte* bytes, int size)
    {
        var all = new ReadOnlySpan<byte>(bytes, size);
        var end = all.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? all : all[..end]).Trim();
    }

    internal static void Check(string name, int error)
    {
        if (error != 0)
            throw new V4l2Exception(name, error);
    }

    protected void Subscribe(uint type)
    {
        var subscription = new KernelStructures.EventSubscription { Type = type };
        _ = LibC.Control(node, KernelConstants.SubscribeEvent, ref subscription); // most cameras have no such event
    }

    protected V4l2Events DequeueEvents()
    {
        var events = V4l2Events.None;
        var told = default(KernelStructures.Event);
        for (var i = 0; i < MaxEvents && LibC.Control(node, KernelConstants.DequeueEvent, ref told) == 0; i++)
        {
            events |= told.Type switch
            {
                KernelConstants.EventSourceChange => V4l2Events.SourceChanged,
                KernelConstants.EventEndOfStream => V4l2Events.Ended,
                _ => V4l2Events.None,
            };
        }

        return events;
    }

    /// <summary>The entries that there are: a menu may lack some between its ends.</summary>
    private List<(int Value, string Name)> ListMenu(in KernelStructures.QueryControl control)
    {
        List<(int, string)> menu = [];
        if ((V4l2ControlKind)control.Type is not (V4l2ControlKind.Menu or V4l2ControlKind.NumberMenu))
            return menu;
        for (var i = Math.Max(0, control.Minimum); i <= control.Maximum && i < MaxMenu; i++)
        {
            var entry = new KernelStructures.QueryMenu { Id = control.Id, Index = (uint)i };
            if (LibC.Control(node, KernelConstants.QueryMenu, ref entry) != 0)
                continue;
            menu.Add((i, (V4l2ControlKind)control.Type == V4l2ControlKind.Menu
                ? Text(entry.Name, 32)
                : (*(long*)entry.Name).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        return menu;
    }
}
