namespace Maestro.Bus.Repository.Tests;

public sealed class LicenceTests
{
    [Fact]
    public void MassTransit_is_of_the_last_Apache_licensed_line() =>
        Assert.Equal(8, typeof(IBus).Assembly.GetName().Version!.Major);
}
