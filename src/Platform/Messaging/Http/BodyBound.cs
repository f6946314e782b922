using Microsoft.AspNetCore.Http.Metadata;

namespace Maestro.Bus.Messaging;

/// <summary>An endpoint's own bound of the body, and whether it reads and checks the body itself.</summary>
sealed class BodyBound(int limit) : IRequestSizeLimitMetadata
{
    /// <summary>The longest body, in bytes.</summary>
    public int Limit => limit;

    long? IRequestSizeLimitMetadata.MaxRequestBodySize => (long)limit + RequestDoor.Drained;
}
