using Maestro.Bus.Template.Tests;

// Each test starts builds that use every core by themselves.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(TemplatePackage))]
