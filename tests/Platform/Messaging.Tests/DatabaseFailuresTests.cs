using System.Data.Common;

namespace Maestro.Bus.Messaging.Tests;

public sealed class DatabaseFailuresTests
{
    [Theory]
    [InlineData("08006", true)] // connection_failure
    [InlineData("08P01", true)] // what PgBouncer answers when it has no server
    [InlineData("25006", true)] // read_only_sql_transaction
    [InlineData("25P03", true)] // idle_in_transaction_session_timeout
    [InlineData("28P01", true)] // invalid_password, at run time
    [InlineData("53100", true)] // disk_full
    [InlineData("08000", true)] // connection_exception
    [InlineData("08001", true)] // sqlclient_unable_to_establish_sqlconnection
    [InlineData("08003", true)] // connection_does_not_exist
    [InlineData("08004", true)] // sqlserver_rejected_establishment_of_sqlconnection
    [InlineData("08007", true)] // transaction_resolution_unknown
    [InlineData("25P04", true)] // transaction_timeout
    [InlineData("28000", true)] // invalid_authorization_specification, at run time
    [InlineData("40003", true)] // statement_completion_unknown
    [InlineData("53000", true)] // insufficient_resources
    [InlineData("53200", true)] // out_of_memory
    [InlineData("53300", true)] // too_many_connections
    [InlineData("53400", true)] // configuration_limit_exceeded
    [InlineData("57P04", true)] // database_dropped
    [InlineData("58000", true)] // system_error, and what pgcat answers that has no server to give
    [InlineData("58P01", true)] // undefined_file
    [InlineData("58P02", true)] // duplicate_file
    [InlineData("57P01", true)] // admin_shutdown
    [InlineData("57P02", true)] // crash_shutdown
    [InlineData("57P03", true)] // cannot_connect_now
    [InlineData("57P05", true)] // idle_session_timeout
    [InlineData("58030", true)] // io_error
    [InlineData("22021", false)] // character_not_in_repertoire
    [InlineData("23505", false)] // unique_violation
    [InlineData("25001", false)] // active_sql_transaction
    [InlineData("40001", false)] // serialization_failure
    [InlineData("42P01", false)] // undefined_table
    [InlineData("57014", false)] // query_canceled
    [InlineData("25P02", false)] // in_failed_sql_transaction
    [InlineData("26000", false)] // invalid_sql_statement_name: a pooler that Bus:Database:Pooler does not name
    [InlineData("42P05", false)] // duplicate_prepared_statement: the same
    [InlineData("3D000", false)] // invalid_catalog_name
    [InlineData("40P01", false)] // deadlock_detected
    [InlineData("42501", false)] // insufficient_privilege
    [InlineData("55P03", false)] // lock_not_available
    [InlineData("55000", false)] // object_not_in_prerequisite_state
    [InlineData("XX000", false)] // internal_error
    [InlineData("XX001", false)] // data_corrupted
    [InlineData("P0001", false)] // raise_exception
    public void A_state_says_whether_the_database_is_away(string state, bool isAway) =>
        Assert.Equal(isAway,
            DatabaseFailures.IsAway(new InvalidOperationException("Entity Framework wraps it.", new Failure(state, isTransient: false))));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_a_state_it_is_what_the_driver_says(bool isTransient) =>
        Assert.Equal(isTransient, DatabaseFailures.IsAway(new Failure(null, isTransient)));

    [Fact]
    public void Other_exceptions_are_not_the_databases() => Assert.False(DatabaseFailures.IsAway(new TimeoutException()));

    sealed class Failure(string? state, bool isTransient) : DbException
    {
        public override string? SqlState => state;

        public override bool IsTransient => isTransient;
    }
}
