using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MaestroBus.Orchestration.Storage.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class WaitingFlows : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "WaitingSince",
                table: "OrchestrationFlows",
                type: "bigint",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_OrchestrationFlows_WaitingSince",
                table: "OrchestrationFlows",
                column: "WaitingSince",
                filter: "\"WaitingSince\" IS NOT NULL");

            // Flows that run already wait from now on.
            migrationBuilder.Sql(
                """
                UPDATE "OrchestrationFlows" SET "WaitingSince" = CAST(extract(epoch FROM now()) * 1000 AS bigint) WHERE "CurrentState" = 'Running'
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_OrchestrationFlows_WaitingSince",
                table: "OrchestrationFlows");

            migrationBuilder.DropColumn(
                name: "WaitingSince",
                table: "OrchestrationFlows");
        }
    }
}
