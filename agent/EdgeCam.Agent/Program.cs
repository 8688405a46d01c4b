Console.WriteLine("edgecam");
