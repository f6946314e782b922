namespace Maestro.Bus.Riders;

enum RecordState
{
    Waiting,
    Running,
    Finished,
    HandedOver,
    Failed,
}
