using AvSdk.Mcap.Tool.Commands;

using Stream output = StandardOutput.Open();
ToolConsole console = new(output, Console.Error, showsProgress: !Console.IsErrorRedirected);
return await ToolCommands.InvokeAsync(args, console).ConfigureAwait(false);
