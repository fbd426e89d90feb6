namespace Heliograph.Rules.Inheritance.Quotas;

/// <summary>In which of Kubernetes' forms a <see cref="Quantity"/> is written.</summary>
public enum QuantityFormat
{
    /// <summary>With powers of a thousand: <c>500m</c>, <c>12</c>, <c>3k</c>.</summary>
    DecimalSI,

    /// <summary>With powers of 1024: <c>512Mi</c>.</summary>
    BinarySI,

    /// <summary>With an exponent: <c>12e6</c>.</summary>
    DecimalExponent,
}
