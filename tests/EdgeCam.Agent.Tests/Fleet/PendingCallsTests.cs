using System.Text;
using EdgeCam.Agent.Fleet;

namespace EdgeCam.Agent.Tests.Fleet;

/// <summary>Which answer is whose.</summary>
public sealed class PendingCallsTests
{
    private readonly PendingCalls _calls = new(isSigned: false);

    [Fact]
    public async Task An_answer_belongs_to_the_request_with_its_correlation_data()
    {
        var (id, answer) = _calls.Add("porch");
        var (other, waiting) = _calls.Add("porch");
        Receive("porch", """{"id":null,"error":{"code":-32001,"message":"no"}}""", id);
        Assert.Equal(-32001, (await answer).Error!.Code);
        Assert.False(waiting.IsCompleted);
        Receive("porch", $$"""{"id":"{{other}}","result":7}""");
        Assert.Equal(7, (await waiting).Result.GetInt32());
        Assert.Equal(0, _calls.Strays);
    }

    [Fact]
    public async Task One_that_is_late_or_comes_twice_or_from_another_device_is_passed_over()
    {
        var (id, answer) = _calls.Add("porch");
        Receive("garden", $$"""{"id":"{{id}}","result":1}""", id);
        Receive("porch", $$"""{"id":"{{id}}","result":1}""", "somebody else's");
        Receive("porch", "no JSON", id);
        Assert.False(answer.IsCompleted);
        Receive("porch", $$"""{"id":"{{id}}","result":2}""", id);
        Receive("porch", $$"""{"id":"{{id}}","result":3}""", id);
        Assert.Equal(2, (await answer).Result.GetInt32());
        var (late, gone) = _calls.Add("porch");
        _calls.Remove(late);
        Receive("porch", $$"""{"id":"{{late}}","result":4}""", late);
        Assert.False(gone.IsCompleted);
        Assert.Equal(5, _calls.Strays);
    }

    [Fact]
    public async Task Without_correlation_data_a_refusal_is_taken_for_that_of_the_only_request()
    {
        const string Refusal = """{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Forbidden"}}""";
        var (_, first) = _calls.Add("porch");
        var (_, elsewhere) = _calls.Add("garden");
        Receive("porch", Refusal);
        Assert.Equal("Forbidden", (await first).Error!.Message);
        Assert.False(elsewhere.IsCompleted);
        var (_, second) = _calls.Add("porch");
        var (_, third) = _calls.Add("porch");
        Receive("porch", Refusal);
        Assert.False(second.IsCompleted || third.IsCompleted);
    }

    private void Receive(string device, string text, string correlation = "") => _calls.Receive(device, Encoding.UTF8.GetBytes(text), Encoding.ASCII.GetBytes(correlation));
}
