using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using MassTransit.Saga;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Keeps the sagas that are given no repository in the bus's database. A repository that is registered for a saga, or by a provider for
/// all, goes before, in whichever order they are added.
/// </summary>
static class StoredSagas
{
    public static void Add(IServiceCollection services)
    {
        services.TryAddSingleton<SagaTurns>();
        services.TryAddScoped(typeof(ISagaRepositoryContextFactory<>), typeof(StoredSagaRepositoryContextFactory<>));
        services.TryAddScoped(typeof(IQuerySagaRepositoryContextFactory<>), typeof(StoredSagaRepositoryContextFactory<>));
        services.TryAddScoped(typeof(ILoadSagaRepositoryContextFactory<>), typeof(StoredSagaRepositoryContextFactory<>));
        services.TryAddSingleton(typeof(ISagaRepository<>), typeof(StoredSagaRepository<>));
        services.TryAddSingleton(typeof(IQuerySagaRepository<>), typeof(DependencyInjectionQuerySagaRepository<>));
        services.TryAddSingleton(typeof(ILoadSagaRepository<>), typeof(DependencyInjectionLoadSagaRepository<>));
    }

    /// <summary>Has a bus of domains leave sagas without a repository to what <see cref="Add"/> has registered.</summary>
    public static void UseFor(IBusRegistrationConfigurator bus) =>
        bus.SetSagaRepositoryProvider(new SagaRepositoryRegistrationProvider());
}
