using MaestroBus.Cli;

return await CommandLine.Run(args, new Terminal());
