namespace Acme.Orders;

public record SubmitOrder(Guid OrderId, string Customer, decimal Amount, TimeSpan PayWithin);

public record OrderSubmitted(Guid OrderId, string Customer, decimal Amount, TimeSpan PayWithin);

public record ReserveStock(Guid OrderId);

public record StockReserved(Guid OrderId);

public record CheckCredit(Guid OrderId, string Customer, decimal Amount);

public record CreditApproved(Guid OrderId);

public record OrderAccepted(Guid OrderId, string Customer);

public record PaymentReceived(Guid OrderId);

public record PaymentTimedOut(Guid OrderId);

public record OrderPaid(Guid OrderId);

public record OrderCancelled(Guid OrderId);

/// <summary>A record of the topic that accepted orders are written to.</summary>
public record AcceptedOrder(Guid OrderId, string Customer);

/// <summary>A record of the topic that the bank writes to.</summary>
public record BankTransfer(Guid OrderId);
