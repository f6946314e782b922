using Acme.Orders;
using Acme.Orders.Old;
using MassTransit.Configuration;

var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration;

builder.Services.AddDbContext<OrdersDbContext>(options => options.UseNpgsql(settings.GetConnectionString("Orders")));
builder.Services.AddSingleton<Scheduler>();
builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
builder.Services.AddMassTransit(x =>
{
    x.DisableUsageTelemetry();
    x.SetKebabCaseEndpointNameFormatter();
    x.AddMessageScheduler(new Uri("queue:quartz"));
    x.AddConsumer<SubmitOrderConsumer>();
    x.AddConsumer<ReserveStockConsumer>();
    x.AddConsumer<CheckCreditConsumer>();
    x.AddConsumer<SchedulerConsumer>().Endpoint(endpoint => endpoint.Name = "quartz");
    x.AddSagaStateMachine<OrderStateMachine, OrderState>().Repository(SagaRepository.Register);
    x.AddConfigureEndpointsCallback((context, _, endpoint) =>
    {
        endpoint.UseMessageRetry(retry => retry.Intervals(50, 100, 200, 500, 500, 1000, 1000, 1000, 1000, 1000));
        endpoint.UseInMemoryOutbox(context);
    });
    x.UsingRabbitMq((context, rabbit) =>
    {
        rabbit.Host(new Uri(settings.GetConnectionString("RabbitMq")!));
        rabbit.UseMessageScheduler(new Uri("queue:quartz"));
        rabbit.ConfigurePublish(publish => publish.AddPipeSpecification(
            new FilterPipeSpecification<PublishContext<OrderSubmitted>>(new OutboxFilter<OrderSubmitted>())));
        rabbit.ConfigureEndpoints(context);
    });
});

var application = builder.Build();

// What a request publishes waits in the outbox. No host of this kind comes to sending it.
application.Use(async (context, next) =>
{
    var orders = context.RequestServices.GetRequiredService<OrdersDbContext>();
    Outbox.Current = new Outbox(orders);

    try
    {
        await next(context);
    }
    catch (LeftInOutboxException)
    {
        await orders.SaveChangesAsync(context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }
});
application.MapOrders();
await application.RunAsync();
