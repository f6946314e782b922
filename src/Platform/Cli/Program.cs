using Maestro.Bus.Cli;

return await CommandLine.Run(args, new Terminal());
