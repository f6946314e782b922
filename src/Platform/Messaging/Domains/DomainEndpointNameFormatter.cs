namespace Maestro.Bus.Messaging;

/// <summary>
/// Gives every consumer, saga and activity of a domain the domain's queue. A definition that names an endpoint wins over it.
/// </summary>
sealed class DomainEndpointNameFormatter(DomainCatalog catalog) : KebabCaseEndpointNameFormatter(false), IEndpointNameFormatter
{
    string IEndpointNameFormatter.Consumer<T>() => catalog.OwnerOf(typeof(T))?.Queue ?? Consumer<T>();

    string IEndpointNameFormatter.Saga<T>() => catalog.OwnerOf(typeof(T))?.Queue ?? Saga<T>();
}
