namespace Maestro.Bus.Persistence;

/// <summary>
/// The tables of the leases. They stand in for <c>outbox_lease</c>, <c>outbox_host</c> and <c>schedule_lease</c>, which are kept for one
/// version, so that a step back finds them.
/// </summary>
static class LeaseSchema
{
    public const string Create = """
        CREATE TABLE lease (
            lease_group text NOT NULL,
            number smallint NOT NULL,
            host text NULL,
            PRIMARY KEY (lease_group, number)
        );
        CREATE TABLE lease_host (
            lease_group text NOT NULL,
            host text NOT NULL,
            beat bigint NOT NULL,
            PRIMARY KEY (lease_group, host)
        );
        """;
}
