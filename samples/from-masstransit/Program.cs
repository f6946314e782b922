using Acme.Orders;
using Confluent.Kafka;

var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration;

// Who keeps the schedules: this application, in a queue of its own, or while it moves the old one's Quartz, in the queue "quartz".
var scheduler = new Uri($"queue:{settings["Scheduler"] ?? "orders-schedules"}");

builder.Services.AddDbContext<OrdersDbContext>(options => options.UseNpgsql(settings.GetConnectionString("Orders")));
builder.Services.AddMassTransit(x =>
{
    x.SetKebabCaseEndpointNameFormatter();
    x.AddEntityFrameworkOutbox<OrdersDbContext>(outbox =>
    {
        outbox.UsePostgres();
        outbox.UseBusOutbox();
    });
    x.AddQuartzConsumers(options => options.QueueName = "orders-schedules");
    x.AddMessageScheduler(scheduler);
    x.AddConsumer<SubmitOrderConsumer>();
    x.AddConsumer<ReserveStockConsumer>();
    x.AddConsumer<CheckCreditConsumer>();
    x.AddConsumer<OrderAcceptedConsumer>();
    x.AddSagaStateMachine<OrderStateMachine, OrderState>().EntityFrameworkRepository(repository =>
    {
        repository.ConcurrencyMode = ConcurrencyMode.Optimistic;
        repository.ExistingDbContext<OrdersDbContext>();
        repository.UsePostgres();
    });
    x.AddConfigureEndpointsCallback((context, _, endpoint) =>
    {
        endpoint.UseMessageRetry(retry => retry.Intervals(100, 500, 1000, 1000, 1000));
        endpoint.UseEntityFrameworkOutbox<OrdersDbContext>(context);
    });
    x.UsingRabbitMq((context, rabbit) =>
    {
        rabbit.Host(new Uri(settings.GetConnectionString("RabbitMq")!));
        rabbit.UseMessageScheduler(scheduler);
        rabbit.ConfigureEndpoints(context);
    });
    x.AddRider(rider =>
    {
        rider.AddConsumer<BankTransferConsumer>();
        rider.AddProducer<string, AcceptedOrder>("accepted-orders");
        rider.UsingKafka((context, kafka) =>
        {
            kafka.Host(settings.GetConnectionString("Kafka")!);
            kafka.TopicEndpoint<string, BankTransfer>("bank-transfers", "orders", endpoint =>
            {
                endpoint.PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range;
                endpoint.AutoOffsetReset = AutoOffsetReset.Earliest;
                endpoint.ConfigureConsumer<BankTransferConsumer>(context);
            });
        });
    });
});

var application = builder.Build();
application.MapOrders();
await application.RunAsync();
