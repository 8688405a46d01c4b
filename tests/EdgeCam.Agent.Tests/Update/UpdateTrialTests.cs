using EdgeCam.Agent.Management.Update;

namespace EdgeCam.Agent.Tests.Update;

/// <summary>How a trial ends where the new version does not find itself healthy.</summary>
public sealed class UpdateTrialTests : IDisposable
{
    private readonly UpdateSystem _system = new();

    public void Dispose() => _system.Dispose();

    [Fact]
    public void A_version_that_crashes_is_started_three_times_and_then_the_old_one_is_back()
    {
        _system.Stage();
        _system.Apply();
        for (var start = 1; start <= 3; start++)
        {
            _system.Trials().CountStart();
            Assert.Equal((start, "edgecam 1.1.0"), (_system.Trial!.Starts, _system.Running));
        }

        _system.Trials().CountStart();

        Assert.Equal("edgecam 1.0.0", _system.Running);
        Assert.Null(_system.Trial);
        Assert.Equal(("request-1", UpdateStates.RolledBack, UpdateReasons.DidNotStart, "1.1.0"), (_system.Result!.Id, _system.Result.State, _system.Result.Reason, _system.Result.Version));
        Assert.Contains("ExecMainStatus=134", _system.Result.Detail, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_system.Link.Folder("1.1.0")));
        Assert.Null(_system.Installed); // its rollback index never counted

        for (var start = 0; start < 5; start++)
            _system.Trials().CountStart();
        Assert.False(_system.Trials().GiveUp());
        Assert.Equal("edgecam 1.0.0", _system.Running);
    }

    [Fact]
    public void One_that_is_not_healthy_in_time_is_left_with_what_it_waited_for()
    {
        _system.Stage();
        _system.Apply();
        _system.Trials().CountStart();
        UpdateFile.Write(_system.Paths.Waiting, new UpdateSign("request-1", "no broker (Connection\nrefused)" + new string('x', 1000)), UpdateJson.Default.UpdateSign, isOpen: false);

        Assert.True(_system.Trials().GiveUp());

        Assert.Equal("edgecam 1.0.0", _system.Running);
        Assert.Equal((UpdateStates.RolledBack, UpdateReasons.NotHealthy), (_system.Result!.State, _system.Result.Reason));
        Assert.Contains("no broker (Connection refused)", _system.Result.Detail, StringComparison.Ordinal);
        Assert.True(_system.Result.Detail!.Length < 500);
    }

    [Fact]
    public void A_word_of_another_trial_confirms_nothing()
    {
        _system.Stage();
        _system.Apply();
        _system.SayHealthy("request-0");
        _system.Apply();
        Assert.NotNull(_system.Trial);

        Assert.True(_system.Trials().GiveUp());
        _system.SayHealthy();
        _system.Apply();
        Assert.Equal(UpdateStates.RolledBack, _system.Result!.State);
        Assert.Equal("edgecam 1.0.0", _system.Running);
    }

    [Fact]
    public void What_was_confirmed_raises_the_rollback_index_and_what_was_rolled_back_may_come_again()
    {
        var archive = UpdateSystem.Archive("1.1.0");
        var manifest = _system.Manifest("1.1.0", archive, static payload => payload["rollbackIndex"] = 6);
        _system.Stage("1.1.0", "request-1", archive, manifest);
        _system.Apply();
        Assert.True(_system.Trials().GiveUp());
        Assert.Null(_system.Installed);

        _system.Stage("1.1.0", "request-2", archive, manifest);
        _system.Apply();
        _system.SayHealthy("request-2");
        _system.Apply();
        Assert.Equal((6, "package"), (_system.Installed!.RollbackIndex, _system.Installed.Previous));

        _system.Stage("1.2.0", "request-3");
        _system.Apply();
        Assert.Equal(UpdateReasons.OlderRollbackIndex, _system.Result!.Reason);
    }

    [Fact]
    public void A_link_that_leads_nowhere_leads_to_the_package_at_the_next_start()
    {
        foreach (var target in new[] { "9.9.9", "/nowhere", null })
        {
            File.Delete(_system.Paths.Current);
            if (target is not null)
                File.CreateSymbolicLink(_system.Paths.Current, target);
            _system.Trials().CountStart();
            Assert.Equal("edgecam 1.0.0", _system.Running);
        }
    }

    [Fact]
    public void Where_the_version_before_is_gone_the_packages_runs()
    {
        _system.Stage("1.1.0", "a");
        _system.Apply();
        _system.SayHealthy("a");
        _system.Apply();
        _system.Stage("1.2.0", "b");
        _system.Apply();
        Directory.Delete(_system.Link.Folder("1.1.0"), recursive: true);

        Assert.True(_system.Trials().GiveUp());

        Assert.Equal("edgecam 1.0.0", _system.Running);
    }
}
