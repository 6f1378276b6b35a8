using AvSdk.Agent.Commands;

return await AgentCommands.InvokeAsync(args).ConfigureAwait(false);
