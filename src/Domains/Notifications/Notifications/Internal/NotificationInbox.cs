namespace MaestroBus.Notifications;

/// <summary>Keeps each tenant's newest internal notifications in memory.</summary>
sealed class NotificationInbox(NotificationsSettings settings)
{
    readonly InternalSettings _settings = settings.Internal;
    readonly Lock _lock = new();
    readonly Dictionary<string, LinkedListNode<Tenant>> _tenants = new(StringComparer.Ordinal);
    readonly LinkedList<Tenant> _byActivity = [];

    /// <summary>Adds a notification; one whose id the tenant's inbox already holds changes nothing.</summary>
    public void Add(string tenantId, InternalNotification notification)
    {
        lock (_lock)
        {
            var tenant = Touch(tenantId);
            if (!tenant.Ids.Add(notification.NotificationId))
                return;

            tenant.Notifications.Enqueue(notification);
            if (tenant.Notifications.Count > _settings.PerTenant)
                tenant.Ids.Remove(tenant.Notifications.Dequeue().NotificationId);
        }
    }

    /// <summary>The tenant's newest notifications, the newest first.</summary>
    public IReadOnlyList<InternalNotification> Newest(string tenantId, int limit)
    {
        lock (_lock)
            return _tenants.TryGetValue(tenantId, out var tenant) ? [.. tenant.Value.Notifications.Reverse().Take(limit)] : [];
    }

    Tenant Touch(string tenantId)
    {
        if (_tenants.TryGetValue(tenantId, out var node))
            _byActivity.Remove(node);
        else
            node = _tenants[tenantId] = new LinkedListNode<Tenant>(new Tenant(tenantId));

        _byActivity.AddLast(node);

        if (_tenants.Count > _settings.Tenants && _byActivity.First is { } quiet)
        {
            _byActivity.Remove(quiet);
            _tenants.Remove(quiet.Value.Id);
        }

        return node.Value;
    }

    sealed record Tenant(string Id)
    {
        public Queue<InternalNotification> Notifications { get; } = [];

        public HashSet<Guid> Ids { get; } = [];
    }
}
