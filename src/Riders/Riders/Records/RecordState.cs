namespace MaestroBus.Riders;

enum RecordState
{
    Waiting,
    Running,
    Finished,
    HandedOver,
    Failed,
}
