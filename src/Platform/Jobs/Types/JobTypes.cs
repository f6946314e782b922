using System.Reflection;

namespace Maestro.Bus.Jobs;

/// <summary>The kinds of jobs that the domains of this host have consumers for.</summary>
sealed class JobTypes
{
    readonly Dictionary<string, JobType> _byName = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<Type, JobType> _byJob = [];

    JobTypes(IEnumerable<JobType> types)
    {
        foreach (var type in types)
        {
            if (_byName.TryGetValue(type.Name, out var other))
                throw new BusConfigurationException(
                    $"{type.Consumer.FullName} and {other.Consumer.FullName} both run jobs named '{type.Name}'. Give one of them another "
                        + "name, with [Job(Name = \"…\")], or delete it.");
            if (_byJob.TryGetValue(type.Job, out other))
                throw new BusConfigurationException(
                    $"{type.Consumer.FullName} and {other.Consumer.FullName} both run {type.Job.FullName}. One kind of job has one "
                        + "consumer: delete one.");

            _byName.Add(type.Name, type);
            _byJob.Add(type.Job, type);
        }
    }

    public IReadOnlyCollection<JobType> All => _byName.Values;

    /// <summary>Finds the job consumers of the domains, and reads their settings.</summary>
    /// <exception cref="BusConfigurationException">Two consumers run jobs of one name or type, or one has an attribute that cannot be
    /// read.</exception>
    public static JobTypes Of(BusBuilder bus)
    {
        var types = bus.Catalog.Domains.SelectMany(domain =>
            Consumers(domain.GetType().Assembly).SelectMany(consumer => TypesOf(consumer, domain))).ToList();
        var jobs = new JobTypes(types);
        bus.AddSettings("Jobs", "kind of job", types.ToDictionary(type => type.Name, type => type.Settings));
        return jobs;
    }

    /// <summary>Whether a domain's assembly has job consumers.</summary>
    public static bool AnyIn(Assembly assembly) => Consumers(assembly).Any();

    public JobType? Find(string name) => _byName.GetValueOrDefault(name);

    /// <exception cref="InvalidOperationException">There is no consumer for it here.</exception>
    public JobType Of(Type job) =>
        _byJob.GetValueOrDefault(job)
        ?? throw new InvalidOperationException(
            $"No domain of this host has a consumer for jobs {job.FullName}. Write an IJobConsumer<{job.Name}>, or submit from here by "
                + "message, with IPublishEndpoint.SubmitJob.");

    static IEnumerable<Type> Consumers(Assembly assembly) =>
        assembly.GetTypes().Where(type =>
            type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && JobsOf(type).Any());

    static IEnumerable<Type> JobsOf(Type consumer) =>
        consumer.GetInterfaces()
            .Where(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IJobConsumer<>))
            .Select(candidate => candidate.GenericTypeArguments[0]);

    static IEnumerable<JobType> TypesOf(Type consumer, BusDomain domain)
    {
        var attribute = consumer.GetCustomAttribute<JobAttribute>();
        var jobs = JobsOf(consumer).ToList();

        if (attribute?.Name is not null && jobs.Count > 1)
            throw new BusConfigurationException(
                $"{consumer.FullName} runs several kinds of jobs, and [Job] gives them one name. Leave the name out, or write one "
                    + "consumer for each.");

        return jobs.Select(job =>
            (JobType)NewMethod.MakeGenericMethod(consumer, job)
                .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [attribute, domain], null)!);
    }

    static readonly MethodInfo NewMethod = typeof(JobTypes).GetMethod(nameof(New), BindingFlags.NonPublic | BindingFlags.Static)!;

    static JobType<TConsumer, TJob> New<TConsumer, TJob>(JobAttribute? attribute, BusDomain domain)
        where TConsumer : class, IJobConsumer<TJob>
        where TJob : class
    {
        var settings = JobSettings.Of(domain.Policy, attribute);
        var definition = JobDefinition.Apply<TConsumer, TJob>(settings);
        return new JobType<TConsumer, TJob>(attribute?.Name ?? typeof(TJob).Name, domain.Queue, settings, definition);
    }
}
