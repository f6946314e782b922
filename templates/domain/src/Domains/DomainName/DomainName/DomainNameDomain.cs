namespace BusRoot.DomainName;

public sealed class DomainNameDomain : BusDomain;
