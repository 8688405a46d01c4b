// Two cores carry camera, agent, browser and encoder: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: Trait("Category", "EndToEnd")]
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
