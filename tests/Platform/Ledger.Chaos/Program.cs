// A host as the product's own, until it is stopped or killed. Its settings are environment variables. With the argument "parent" it only
// starts a process as the tests do.
if (args is ["parent"])
{
    await using var child = ServerProcess.Start("The child", "sleep", ["600"], "");
    Console.WriteLine($"child {child.Id}");
    await Task.Delay(Timeout.Infinite);
}

var builder = BusApplication.CreateBuilder(args);
builder.AddBus(typeof(LedgerDomain).Assembly);
builder.Services.AddProblemDetails();

var app = builder.Build();
app.UseExceptionHandler();
app.UseStatusCodePages();
app.MapBus();
await app.RunBusAsync(args);
