namespace Maestro.Bus.Riders.Kafka;

/// <summary>A consumer has to be made anew, because librdkafka reads certificates when a client is made.</summary>
sealed class CertificatesChangedException() : Exception("The certificate files have changed. The consumer is made anew.");
