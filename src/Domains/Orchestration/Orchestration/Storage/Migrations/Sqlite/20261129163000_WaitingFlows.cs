using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MaestroBus.Orchestration.Storage.Migrations.Sqlite
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
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_OrchestrationFlows_WaitingSince",
                table: "OrchestrationFlows",
                column: "WaitingSince",
                filter: "\"WaitingSince\" IS NOT NULL");

            // Flows that run already wait from now on.
            migrationBuilder.Sql(
                """
                UPDATE "OrchestrationFlows" SET "WaitingSince" = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE "CurrentState" = 'Running'
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
