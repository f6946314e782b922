// Runs until it is killed: telling BROKERS TOPIC, relaying BROKERS TOPIC RESULTS, or keeping BROKERS TOPIC DATABASE.
using var host = args switch
{
    ["telling", var brokers, var topic] => ChaosHost.Telling(brokers, topic),
    ["relaying", var brokers, var topic, var results] => ChaosHost.Relaying(brokers, topic, results),
    ["keeping", var brokers, var topic, var database] => ChaosHost.Keeping(brokers, topic, database),
    _ => throw new ArgumentException($"The arguments are '{string.Join(' ', args)}'. Use telling, relaying or keeping, the brokers, the topic, and what belongs to it."),
};
await host.StartAsync();
await Task.Delay(Timeout.Infinite);
