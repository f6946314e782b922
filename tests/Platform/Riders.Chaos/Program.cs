// Runs until it is killed: telling BROKERS TOPIC, relaying BROKERS TOPIC RESULTS, keeping or ending BROKERS TOPIC DATABASE.
using var host = args switch
{
    ["telling", var brokers, var topic] => ChaosHost.Telling(brokers, topic),
    ["relaying", var brokers, var topic, var results] => ChaosHost.Relaying(brokers, topic, results),
    ["keeping", var brokers, var topic, var database] => ChaosHost.Keeping(brokers, topic, database),
    ["ending", var brokers, var topic, var database] => ChaosHost.Ending(brokers, topic, database),
    _ => throw new ArgumentException(
        $"The arguments are '{string.Join(' ', args)}'. Use telling, relaying, keeping or ending, the brokers, the topic, and what "
            + "belongs to it."),
};
await host.StartAsync();
await Task.Delay(Timeout.Infinite);
