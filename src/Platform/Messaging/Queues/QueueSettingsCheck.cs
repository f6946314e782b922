namespace Maestro.Bus.Messaging;

/// <summary>Finds queues that only the configuration knows.</summary>
sealed class QueueSettingsCheck(QueuePolicies policies, PublishLimits limits, DomainCatalog catalog) : IStartCheck
{
    public void Check(SettingsProblems problems)
    {
        policies.AddUnknown(problems);
        limits.AddUnknown(catalog, policies.Endpoints, problems);
    }
}
