namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>The part of a camera's picture that is encoded, for a head that moves inside the picture.</summary>
internal interface IRegionOfInterest
{
    /// <summary>The pictures can be cut: they are encoded here.</summary>
    bool IsAvailable { get; }

    /// <summary>From the next picture on; fractions of the whole picture, from its upper left corner. Never waits.</summary>
    void Set(double x, double y, double width, double height);
}
