namespace AvSdk.Mcap;

/// <summary>
/// Makes a value of a message: for protobuf <c>m => Imu.Parser.ParseFrom(m.Data)</c>, for JSON
/// <see cref="McapJson.Decoder{T}"/>. The value must not keep the message's bytes: they are borrowed until the call
/// returns. What it throws comes out of the enumeration as it is.
/// </summary>
/// <typeparam name="T">What it makes.</typeparam>
/// <param name="message">The message.</param>
public delegate T McapDecoder<out T>(McapMessageView message);
