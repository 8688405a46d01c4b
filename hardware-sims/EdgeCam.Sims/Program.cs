Console.WriteLine("edgecam-sims");
