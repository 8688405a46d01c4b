namespace EdgeCam.EndToEnd.Tests;

/// <summary>
/// The viewer page against a mock device that lets viewers in by links: what is wrong with a link, or with an answer, is called by its
/// name. Once with a secure context, and once without, where the page's own library takes the place of the browser's cryptography.
/// </summary>
public sealed class ViewerAccessTests
{
    private const string NotTheDevice = "The answer does not come from this device: somebody between it and you changed it";

    [Fact]
    public async Task A_link_opens_the_picture_and_whatever_is_wrong_with_it_is_named()
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Chromium, Tool.Ffmpeg, Tool.Mosquitto);
        var drill = (await Driver.RunAsync("drill-access.mjs", TimeSpan.FromSeconds(240), [])).MustBeOk();
        MustHold(drill, "secure", isSecure: true);
        MustHold(drill, "insecure", isSecure: false);
    }

    private static void MustHold(DriverResult drill, string page, bool isSecure)
    {
        var visit = drill[page]!;
        drill.Must(visit["isSecure"]!.GetValue<bool>() == isSecure && visit["hasSubtle"]!.GetValue<bool>() == isSecure, $"the {page} page should be what it is called");
        drill.Must(visit["library"]!.GetValue<bool>() == !isSecure, "the library should be fetched where the browser has no cryptography, and only there");
        foreach (var (name, step) in visit["steps"]!.AsObject())
            drill.Must(step!["reached"]!.GetValue<bool>(), $"{page}: the step {name} should have come to its end");

        drill.Must(Detail("noLink").Contains("edgecam token", StringComparison.Ordinal) && !Flag("noLink", "hello"), "without a link nobody should be asked, and what to do be said");
        drill.Must(Flag("link", "greeted"), "the hello should prove itself already: the ICE servers come with the welcome");
        drill.Must(Flag("link", "proven") && Flag("reload", "proven"), "a link should prove itself, after a reload too");
        drill.Must(!visit["steps"]!["link"]!["address"]!.GetValue<string>().Contains("token", StringComparison.Ordinal), "the address bar should not show the token");
        drill.Must(visit["renewal"]!["renewed"]!.GetValue<bool>() && visit["renewal"]!["states"]!.AsArray().Count == 0, "a fresh link should be taken up by the session that runs");
        drill.Must(Detail("expires").StartsWith("The link has expired", StringComparison.Ordinal), "the end of a link should be named");
        drill.Must(Detail("expired").StartsWith("This link expired on", StringComparison.Ordinal) && !Flag("expired", "hello"), "an old link should be named before anybody is asked");
        drill.Must(Detail("revoked") == "This link was revoked; ask whoever runs the device for a new one", "an access that the device ends should be named, with what to do");
        foreach (var changed in (string[])["fingerprint", "second", "key", "unsigned"])
            drill.Must(Detail(changed) == NotTheDevice, $"{page}: an answer that somebody changed ({changed}) should be refused");

        drill.Must(Detail("foreignKey").Contains("does not hold together", StringComparison.Ordinal), "a key that is another token's should be named");
        drill.Must(Detail("foreignToken").Contains("the token is not of this device", StringComparison.Ordinal), "the device's own words should be shown");
        drill.Must(!visit["verified"]!.GetValue<string>().Contains("not verified", StringComparison.Ordinal), "a device that was verified should be called so");
        drill.Must(Detail("noIdentity").StartsWith("This link is incomplete", StringComparison.Ordinal) && !Flag("noIdentity", "hello"), "a link by which nothing could be verified should be called incomplete");
        var early = visit["early"]!;
        drill.Must(early["scrubbed"]!.GetValue<bool>() && early["brokerless"]!.GetValue<bool>() && !early["address"]!.GetValue<string>().Contains("token", StringComparison.Ordinal),
            "the address bar should not show the token while the settings are awaited, nor where there is no broker");
        drill.Must(visit["problems"]!.AsArray().Count == 0, "the page should complain of nothing");

        string Detail(string step) => visit["steps"]![step]!["detail"]!.GetValue<string>();
        bool Flag(string step, string flag) => visit["steps"]![step]![flag]!.GetValue<bool>();
    }
}
