namespace Acme.Orders;

public class OrderState : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = null!;

    public string Customer { get; set; } = null!;

    public TimeSpan PayWithin { get; set; }

    public int Checks { get; set; }

    public Guid? PaymentTimeoutTokenId { get; set; }

    public uint RowVersion { get; set; }
}
