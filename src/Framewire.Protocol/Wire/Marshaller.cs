using System.Buffers;
using Google.Protobuf;

namespace Framewire.Protocol.Wire;

/// <summary>How a message becomes bytes and back. Stateless, so one instance serves every call on any thread.</summary>
public abstract class Marshaller<T>
{
    /// <summary>Reads one message.</summary>
    /// <param name="message">The message's bytes; valid only during this method.</param>
    /// <exception cref="InvalidDataException">The bytes are not such a message; the call ends with INTERNAL.</exception>
    public abstract T Read(in ReadOnlySequence<byte> message);

    /// <summary>Begins to read a large message before all of it has come; null if it must be whole first.</summary>
    /// <param name="start">What has come of it; valid only during this method. The assembly has taken it in.</param>
    /// <param name="length">How long the whole message is.</param>
    /// <exception cref="InvalidDataException">The bytes are not such a message; the call ends with INTERNAL.</exception>
    public virtual MessageAssembly<T>? TryBegin(in ReadOnlySequence<byte> start, int length) => null;

    /// <summary>Writes one message: its head into <paramref name="head"/>, and what follows the head, untouched and uncopied, as the result.</summary>
    /// <returns>The tail, which must not change until the write is over; empty if the head is all.</returns>
    public abstract ReadOnlyMemory<byte> Write(T message, IBufferWriter<byte> head);
}

/// <summary>The marshallers that come with the house. Any thread.</summary>
public static class Marshaller
{
    /// <summary>For a type that protoc generated.</summary>
    public static Marshaller<T> Protobuf<T>() where T : class, IMessage<T>, new() => ProtobufMarshaller<T>.Instance;
}

/// <summary>Reads and writes a generated protobuf type. Stateless, one for each type; any thread.</summary>
internal sealed class ProtobufMarshaller<T> : Marshaller<T> where T : class, IMessage<T>, new()
{
    public static readonly ProtobufMarshaller<T> Instance = new();

    private readonly MessageParser<T> _parser = new(() => new T());

    public override T Read(in ReadOnlySequence<byte> message)
    {
        try
        {
            return _parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"The bytes are not a {typeof(T).Name}: {e.Message}", e);
        }
    }

    public override ReadOnlyMemory<byte> Write(T message, IBufferWriter<byte> head)
    {
        message.WriteTo(head);
        return default;
    }
}
