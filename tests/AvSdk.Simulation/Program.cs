using AvSdk.Simulation.Runs;

return CommandLine.Run(args);
