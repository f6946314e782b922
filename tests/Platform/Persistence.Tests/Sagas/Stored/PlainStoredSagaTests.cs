namespace Maestro.Bus.Persistence.Tests;

/// <summary>Sagas without a repository on a bus that was added with MassTransit's own method.</summary>
public sealed class PlainStoredSagaTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_saga_is_kept_in_the_database_of_the_outbox() => Assert.Equal(1, await StoredAfterOne(_ => { }, _ => { }));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_provider_that_the_application_names_goes_before_in_whichever_order(bool isFirst)
    {
        var stored = isFirst
            ? await StoredAfterOne(bus => bus.SetInMemorySagaRepositoryProvider(), _ => { })
            : await StoredAfterOne(_ => { }, bus => bus.SetInMemorySagaRepositoryProvider());

        Assert.Equal(0, stored);
    }

    [Fact]
    public void A_state_that_cannot_be_stored_is_refused_with_what_to_do()
    {
        var exception = Assert.Throws<BusConfigurationException>(StoredSagaJson.Check<StatefulSaga>);

        Assert.Contains("StatefulSaga keeps its state in CurrentState", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Make it a string", exception.Message, StringComparison.Ordinal);
    }

    static async Task<long> StoredAfterOne(Action<IBusRegistrationConfigurator> before, Action<IBusRegistrationConfigurator> after)
    {
        await using var host = await PlainHost<BareParcelContext>.Start(
            new TestState().Use,
            bus =>
            {
                before(bus);
                bus.AddEntityFrameworkOutbox<BareParcelContext>();
                bus.AddSagaStateMachine<OrderStateMachine, OrderSaga>();
                after(bus);
            });
        var (id, sagas) = (NewId.NextGuid(), host.Services.GetRequiredService<ILoadSagaRepository<OrderSaga>>());

        await host.Bus.Publish(new OpenOrder(id, "1"), Cancellation);
        await Eventually.True(async () => await sagas.Load(id) is not null, TimeSpan.FromSeconds(60), "the instance", Cancellation);

        await using var connection = await host.Services.GetRequiredService<BusDatabase>().Open(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM stored_saga";
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    abstract class StatefulSaga : ISaga
    {
        public Guid CorrelationId { get; set; }

        public State? CurrentState { get; set; }
    }
}
