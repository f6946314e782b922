namespace Maestro.Bus.Persistence;

/// <summary>Maps a saga to its table.</summary>
public interface ISagaClassMap
{
    /// <summary>The saga.</summary>
    Type SagaType { get; }

    /// <summary>Adds the saga to a context's model.</summary>
    void Configure(ModelBuilder model);
}

/// <summary>Maps a saga to its table.</summary>
public interface ISagaClassMap<TSaga> : ISagaClassMap
    where TSaga : class, ISaga;
