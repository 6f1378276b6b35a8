using AvSdk.GatewayHost.Commands;

return await GatewayCommands.InvokeAsync(args).ConfigureAwait(false);
