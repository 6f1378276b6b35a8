using AvSdk.Mqtt.Packets;

namespace AvSdk.Mqtt.Session;

/// <summary>A SUBSCRIBE or UNSUBSCRIBE, and the task that awaits its answer.</summary>
internal sealed class PendingRequest(PacketType answerType, IReadOnlyList<string> filters)
{
    private readonly TaskCompletionSource<IReadOnlyList<MqttFilterOutcome>> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PacketType AnswerType => answerType;

    public int FilterCount => filters.Count;

    public Task<IReadOnlyList<MqttFilterOutcome>> Task => _completion.Task;

    public void Complete(IReadOnlyList<MqttReasonCode> codes)
    {
        MqttFilterOutcome[] outcomes = new MqttFilterOutcome[codes.Count];
        for (int i = 0; i < outcomes.Length; i++)
            outcomes[i] = new MqttFilterOutcome(filters[i], codes[i]);
        _completion.TrySetResult(outcomes);
    }

    public void Fail(MqttException failure) => _completion.TrySetException(failure);
}
