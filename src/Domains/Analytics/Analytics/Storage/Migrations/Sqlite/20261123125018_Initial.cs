using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MaestroBus.Analytics.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "AnalyticsCounted",
                columns: table => new
                {
                    MessageId = table.Column<Guid>(type: "TEXT", nullable: false),
                    CountedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AnalyticsCounted", x => x.MessageId);
                });

            migrationBuilder.CreateTable(
                name: "AnalyticsUsage",
                columns: table => new
                {
                    TenantId = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Hour = table.Column<DateTime>(type: "TEXT", nullable: false),
                    MessageType = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    Count = table.Column<long>(type: "INTEGER", nullable: false),
                    LastAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AnalyticsUsage", x => new { x.TenantId, x.Hour, x.MessageType });
                });

            migrationBuilder.CreateIndex(
                name: "IX_AnalyticsCounted_CountedAt",
                table: "AnalyticsCounted",
                column: "CountedAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AnalyticsCounted");

            migrationBuilder.DropTable(
                name: "AnalyticsUsage");
        }
    }
}
