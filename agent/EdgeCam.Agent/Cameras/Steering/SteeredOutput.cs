using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras.Steering;

/// <summary>The stdout of a program that encodes by itself, whose encoder is steered beside it.</summary>
/// <param name="refused">Told once, where it cannot be steered; says whether the run is to be ended for that.</param>
internal sealed class SteeredOutput(H264Output output, EncoderLink link, Func<Instant> clock, Func<string, bool> refused) : ICameraOutput
{
    private int? _processId;
    private bool _isTold;

    public int WaitMs => output.WaitMs;

    public long Pictures => output.Pictures;

    public string? Fault => output.Fault;

    public bool IsOver { get; private set; }

    public bool Read(CameraProcess process)
    {
        _processId = process.Id;
        var goesOn = output.Read(process);
        if (goesOn)
            Turn(); // at its end there is nothing to look at any more
        return goesOn;
    }

    public void HandleIdle()
    {
        output.HandleIdle();
        Turn();
    }

    public string? DescribeWait() => output.DescribeWait();

    public string? DescribeNonsense() => output.DescribeNonsense();

    public void Dispose()
    {
        link.Dispose();
        output.Dispose();
    }

    private void Turn()
    {
        if (_processId is not { } process || _isTold)
            return;
        link.Turn(process, output.Pictures > 0, clock());
        _isTold = link.Refusal is not null;
        if (link.Refusal is { } refusal)
            IsOver = refused(refusal);
    }
}
