using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace AvSdk.Grpc;

/// <summary>A method of a protobuf service: its name, its kind, and how to parse its messages.</summary>
/// <typeparam name="TRequest">The generated class of the request message.</typeparam>
/// <typeparam name="TResponse">The generated class of the response message.</typeparam>
/// <remarks>Immutable; make it once and keep it in a static field.</remarks>
public sealed class GrpcMethod<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    /// <summary>Describes a method by hand. Prefer <see cref="FromDescriptor"/>, which checks.</summary>
    /// <param name="service">The service's full name, for example <c>av.v1.Ingest</c>.</param>
    /// <param name="name">The method's name, for example <c>Upload</c>.</param>
    /// <param name="kind">Which ends stream.</param>
    /// <param name="requestParser">The generated <c>Parser</c> of the request class.</param>
    /// <param name="responseParser">The generated <c>Parser</c> of the response class.</param>
    public GrpcMethod(
        string service,
        string name,
        GrpcMethodKind kind,
        MessageParser<TRequest> requestParser,
        MessageParser<TResponse> responseParser)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(requestParser);
        ArgumentNullException.ThrowIfNull(responseParser);
        Service = service;
        Name = name;
        Kind = kind;
        RequestParser = requestParser;
        ResponseParser = responseParser;
        Path = $"/{service}/{name}";
    }

    /// <summary>The service's full name, for example <c>av.v1.Ingest</c>.</summary>
    public string Service { get; }

    /// <summary>The method's name, for example <c>Upload</c>.</summary>
    public string Name { get; }

    /// <summary>Which ends stream.</summary>
    public GrpcMethodKind Kind { get; }

    /// <summary>The HTTP path: <c>/service/name</c>.</summary>
    public string Path { get; }

    /// <summary>Parses requests.</summary>
    public MessageParser<TRequest> RequestParser { get; }

    /// <summary>Parses responses.</summary>
    public MessageParser<TResponse> ResponseParser { get; }

    /// <summary>
    /// The method of a generated descriptor, for example
    /// <c>IngestReflection.Descriptor.Services[0].FindMethodByName("Upload")</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The method's messages are other than the type
    /// arguments.</exception>
    [SuppressMessage("Design", "CA1000", Justification = "The types cannot be inferred anyway.")]
    public static GrpcMethod<TRequest, TResponse> FromDescriptor(MethodDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        return new GrpcMethod<TRequest, TResponse>(
            descriptor.Service.FullName,
            descriptor.Name,
            (descriptor.IsClientStreaming, descriptor.IsServerStreaming) switch
            {
                (false, false) => GrpcMethodKind.Unary,
                (false, true) => GrpcMethodKind.ServerStreaming,
                (true, false) => GrpcMethodKind.ClientStreaming,
                (true, true) => GrpcMethodKind.Duplex,
            },
            ParserOf<TRequest>(descriptor, descriptor.InputType, "request"),
            ParserOf<TResponse>(descriptor, descriptor.OutputType, "response"));
    }

    /// <summary><c>service/name</c>.</summary>
    public override string ToString() => $"{Service}/{Name}";

    /// <exception cref="ArgumentException">The method is of another kind.</exception>
    internal void RequireKind(GrpcMethodKind kind)
    {
        if (Kind != kind)
            throw new ArgumentException($"{this} is {Kind}; it cannot be used as {kind}.");
    }

    // A descriptor's own parser is the generated MessageParser<T>: no reflection, nothing for a trimmer to
    // miss.
    private static MessageParser<T> ParserOf<T>(
        MethodDescriptor method, MessageDescriptor message, string role)
        where T : class, IMessage<T>
        => message.Parser as MessageParser<T>
            ?? throw new ArgumentException(
                $"The {role} of {method.FullName} is {message.FullName} ({message.ClrType}), "
                + $"not {typeof(T)}.",
                nameof(method));
}
