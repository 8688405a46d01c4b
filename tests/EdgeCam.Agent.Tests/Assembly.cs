// Most tests wait for sockets, processes and brokers: two for each of two cores.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
