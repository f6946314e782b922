using System.Reflection;
using MassTransit.Configuration;

namespace Maestro.Bus.Riders;

/// <summary>
/// Writes what is published on the bus to the topics that are declared for it, with the same id: in the transaction of its outbox where
/// there is one.
/// </summary>
sealed class PublishedTopics
{
    static readonly MethodInfo AddMethod = typeof(PublishedTopics).GetMethod(nameof(Add), BindingFlags.NonPublic | BindingFlags.Static)!;

    readonly List<ProducedTopic> _topics = [];

    /// <summary>The rider that writes.</summary>
    public Func<StreamRider>? Rider { get; set; }

    public void Declare(IEnumerable<ProducedTopic> topics) => _topics.AddRange(topics);

    public void ConfigurePublish(IPublishPipeConfigurator publish)
    {
        foreach (var topic in _topics)
            AddMethod.MakeGenericMethod(topic.MessageType).Invoke(null, [this, topic, publish]);
    }

    static void Add<T>(PublishedTopics topics, ProducedTopic topic, IPublishPipeConfigurator publish)
        where T : class =>
        publish.AddPipeSpecification(new FilterPipeSpecification<PublishContext<T>>(new TopicFilter<T>(topics, topic)));

    sealed class TopicFilter<T>(PublishedTopics topics, ProducedTopic topic) : IFilter<PublishContext<T>>
        where T : class
    {
        public void Probe(ProbeContext context) => context.CreateFilterScope("publishedTopic");

        public Task Send(PublishContext<T> context, IPipe<PublishContext<T>> next)
        {
            if (topics.Rider is { } rider)
                context.GetOrAddPayload<ISendCompanion>(() => new TopicCopy(rider, topic));

            return next.Send(context);
        }
    }
}
