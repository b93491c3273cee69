namespace Framewire.Edge;

/// <summary>What a publisher says of itself to the server.</summary>
/// <param name="Now">Where every frame is.</param>
/// <param name="Lately">How long things took since the last report.</param>
internal sealed record SelfReport(PublisherSnapshot Now, IntervalTimes Lately);

/// <summary>How long things took in one interval; zero for what did not happen in it.</summary>
/// <param name="AckP50">From sending a frame to its ack, median.</param>
/// <param name="AckP99">The same, 99th percentile.</param>
/// <param name="QueueP50">From capturing a frame to sending it, median.</param>
internal readonly record struct IntervalTimes(TimeSpan AckP50, TimeSpan AckP99, TimeSpan QueueP50);
