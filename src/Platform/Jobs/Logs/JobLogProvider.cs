namespace Maestro.Bus.Jobs;

/// <summary>
/// Keeps what is logged while a job runs, by whoever it is, with the job. The levels are those of the section <c>Logging</c>; its name
/// there is <c>Jobs</c>.
/// </summary>
[ProviderAlias("Jobs")]
sealed class JobLogProvider(TimeProvider time) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new JobLogger(categoryName, time);

    public void Dispose()
    {
    }

    sealed class JobLogger(string category, TimeProvider time) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull =>
            null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && JobLog.Current is not null;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (JobLog.Current is not { } log)
                return;

            var text = formatter(state, exception);
            log.Add(time.GetUtcNow(), logLevel, category, exception is null ? text : $"{text}{Environment.NewLine}{exception}");
        }
    }
}
