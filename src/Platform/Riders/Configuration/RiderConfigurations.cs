namespace Maestro.Bus.Riders;

/// <summary>
/// What a plug-in's rider is configured with, from wherever in the host: a bus has one rider of a plug-in, and each part of it may add
/// endpoints.
/// </summary>
sealed class RiderConfigurations<TPlugin>
    where TPlugin : class, IStreamPlugin
{
    readonly List<Action<IRiderRegistrationContext, IStreamFactoryConfigurator>> _configurations = [];

    /// <summary>Adds to it; tells whether it is the first.</summary>
    public bool Add(Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure)
    {
        _configurations.Add(configure);
        return _configurations.Count == 1;
    }

    public void Configure(IRiderRegistrationContext context, IStreamFactoryConfigurator factory)
    {
        foreach (var configure in _configurations)
            configure(context, factory);
    }
}
