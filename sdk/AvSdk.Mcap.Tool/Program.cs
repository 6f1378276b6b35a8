using AvSdk.Mcap.Tool.Commands;

// Not disposed: what is left in it after an error is for nobody.
Stream output = StandardOutput.Open();
ToolConsole console = new(output, Console.Error, showsProgress: !Console.IsErrorRedirected);
return await ToolCommands.InvokeAsync(args, console).ConfigureAwait(false);
