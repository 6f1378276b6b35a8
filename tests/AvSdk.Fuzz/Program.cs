using AvSdk.Fuzz;
using AvSdk.Fuzz.Lz4;
using AvSdk.Fuzz.Mcap;
using AvSdk.Fuzz.Mqtt;

if (FuzzOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(FuzzOptions.Usage);
    return 2;
}

int failures = 0;
foreach (string name in options.Subjects)
{
    if (name == "lz4")
    {
        using Lz4Subject lz4 = new();
        failures += new FuzzSession(lz4, options, Console.Out).Run();
    }
    else if (name == "mqtt")
    {
        failures += new FuzzSession(new MqttSubject(), options, Console.Out).Run();
    }
    else
    {
        failures += new FuzzSession(new McapSubject(McapCorpus.Load()), options, Console.Out).Run();
    }
}

return failures == 0 ? 0 : 1;
