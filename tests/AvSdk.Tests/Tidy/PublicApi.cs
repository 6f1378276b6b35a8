using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace AvSdk.Tests.Tidy;

/// <summary>
/// What partners can call, as a list under review: a change of it shows in the diff. After a change that is meant,
/// run the test with AVSDK_ACCEPT_API=1 and commit the list.
/// </summary>
public sealed class PublicApi
{
    [Theory]
    [InlineData("AvSdk.Lz4")]
    [InlineData("AvSdk.Mcap")]
    [InlineData("AvSdk.Grpc")]
    [InlineData("AvSdk.Grpc.Server")]
    [InlineData("AvSdk.Mqtt")]
    [InlineData("AvSdk.Recorder")]
    [InlineData("AvSdk")]
    [InlineData("AvSdk.Gateway")]
    [InlineData("AvSdk.Testing")]
    public void Is_what_the_list_says(string assemblyName)
    {
        string list = Path.Combine(
            SharedFiles.RepositoryRoot, "tests", "AvSdk.Tests", "Tidy", "PublicApi", assemblyName + ".txt");
        string actual = Describe(Assembly.Load(assemblyName));
        if (Environment.GetEnvironmentVariable("AVSDK_ACCEPT_API") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(list)!);
            File.WriteAllText(list, actual);
        }

        string expected = File.Exists(list) ? File.ReadAllText(list) : "";
        string[] was = expected.Split('\n');
        string[] now = actual.Split('\n');
        string difference = string.Join('\n', was.Except(now).Select(line => "- " + line)
            .Concat(now.Except(was).Select(line => "+ " + line)));
        Assert.True(difference.Length == 0,
            $"The public surface of {assemblyName} changed. If that is meant, run with AVSDK_ACCEPT_API=1.\n{difference}");
    }

    private static string Describe(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Name(type)).Append('\n');
            IEnumerable<string> members = type
                .GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static
                    | BindingFlags.DeclaredOnly)
                .Where(IsVisible)
                .Select(Describe)
                .Distinct()
                .Order(StringComparer.Ordinal);
            foreach (string member in members)
                text.Append("  ").Append(member).Append('\n');
        }

        return text.ToString();
    }

    private static bool IsVisible(MemberInfo member) =>
        member.GetCustomAttribute<CompilerGeneratedAttribute>() is null && member switch
        {
            MethodBase method => (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly)
                && (!method.IsSpecialName || method is ConstructorInfo || method.Name.StartsWith("op_", StringComparison.Ordinal)),
            FieldInfo field => field.IsPublic && !field.IsSpecialName,
            PropertyInfo property => (property.GetMethod ?? property.SetMethod)!.IsPublic,
            EventInfo @event => @event.AddMethod!.IsPublic,
            _ => false,
        };

    private static string Describe(MemberInfo member) => member switch
    {
        MethodInfo method => $"{Name(method.ReturnType)} {method.Name}{Generics(method)}({Parameters(method)})",
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        FieldInfo field => field.IsLiteral
            ? $"const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}"
            : $"field {Name(field.FieldType)} {field.Name}",
        PropertyInfo property =>
            $"{Name(property.PropertyType)} {property.Name} {{{(property.SetMethod is { IsPublic: true } ? " get; set; " : " get; ")}}}",
        EventInfo @event => $"event {@event.Name}",
        _ => member.ToString()!,
    };

    private static string Generics(MethodInfo method) => method.IsGenericMethodDefinition
        ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>"
        : "";

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)));

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return "ref " + Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter)
            return type.Name;
        string full = type.FullName ?? $"{type.Namespace}.{type.Name}";
        if (!type.IsGenericType)
            return full;
        string stem = full.Split('[')[0].Split('`')[0];
        return $"{stem}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
