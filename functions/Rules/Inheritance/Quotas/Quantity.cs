using System.Globalization;
using System.Numerics;

namespace Heliograph.Rules.Inheritance.Quotas;

/// <summary>
/// A Kubernetes quantity: an exact number of billionths, and the form in which it was written. As there, what is finer is rounded away from zero, what is
/// larger than 2^63-1 counts as that, and equal numbers are equal whatever their form.
/// </summary>
public readonly struct Quantity : IEquatable<Quantity>, IComparable<Quantity>
{
    /// <summary>Nobody writes longer numbers, in characters.</summary>
    private const int MaxLength = 100;

    /// <summary>Beyond this power of ten every number is the largest, or the smallest, that there is.</summary>
    private const int MaxExponent = 1000;

    private const string DecimalSuffixes = "num kMGTPE";
    private const string BinarySuffixes = "KMGTPE";

    private static readonly BigInteger One = 1_000_000_000;
    private static readonly BigInteger Max = long.MaxValue * One;

    private readonly BigInteger billionths;
    private readonly QuantityFormat format;

    private Quantity(BigInteger billionths, QuantityFormat format)
    {
        this.billionths = billionths;
        this.format = format;
    }

    /// <summary>Whether it is less than nothing.</summary>
    public bool IsNegative => billionths.Sign < 0;

    /// <summary>Whether it has no fraction.</summary>
    public bool IsInteger => (billionths % One).IsZero;

    /// <summary>The sum. It is written like the first, unless that is zero.</summary>
    public static Quantity operator +(Quantity one, Quantity other) => new(one.billionths + other.billionths, one.billionths.IsZero ? other.format : one.format);

    /// <summary>The difference. It is written like the first, unless that is zero.</summary>
    public static Quantity operator -(Quantity one, Quantity other) => new(one.billionths - other.billionths, one.billionths.IsZero ? other.format : one.format);

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <(Quantity one, Quantity other) => one.CompareTo(other) < 0;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >(Quantity one, Quantity other) => one.CompareTo(other) > 0;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <=(Quantity one, Quantity other) => one.CompareTo(other) <= 0;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >=(Quantity one, Quantity other) => one.CompareTo(other) >= 0;

    /// <summary>Whether the numbers are equal.</summary>
    public static bool operator ==(Quantity one, Quantity other) => one.Equals(other);

    /// <summary>Whether the numbers differ.</summary>
    public static bool operator !=(Quantity one, Quantity other) => !one.Equals(other);

    /// <summary>Reads a quantity.</summary>
    /// <param name="text">For example <c>12</c>, <c>1.5</c>, <c>500m</c>, <c>2Gi</c>, <c>3e6</c>.</param>
    /// <param name="quantity">What it says; zero where it cannot be read.</param>
    /// <returns>Whether it can be read.</returns>
    public static bool TryParse(string text, out Quantity quantity)
    {
        quantity = default;
        text = text.Trim();
        if (text.Length > MaxLength)
            return false;
        var start = text.StartsWith('-') || text.StartsWith('+') ? 1 : 0;
        var point = DigitsFrom(text, start);
        var end = point < text.Length && text[point] == '.' ? DigitsFrom(text, point + 1) : point;
        var digits = text[start..point] + (end > point ? text[(point + 1)..end] : "");
        if (digits.Length == 0 || !TryParseSuffix(text[end..], out var exponent, out var kibis, out var format))
            return false;
        var mantissa = BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) * BigInteger.Pow(1024, kibis);
        var size = Scaled(mantissa, exponent + 9 - (end > point ? end - point - 1 : 0));
        quantity = new Quantity(text.StartsWith('-') ? -size : size, format);
        return true;
    }

    /// <summary>Which is more.</summary>
    public int CompareTo(Quantity other) => billionths.CompareTo(other.billionths);

    /// <inheritdoc/>
    public bool Equals(Quantity other) => billionths == other.billionths;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => billionths.GetHashCode();

    /// <summary>As Kubernetes writes it: with the largest suffix that leaves no fraction.</summary>
    public override string ToString() =>
        billionths.IsZero ? "0"
        : format == QuantityFormat.BinarySI && IsInteger && BigInteger.Abs(billionths) >= 1024 * One ? Binary()
        : Decimal();

    private string Binary()
    {
        var (number, suffix) = (billionths / One, 0);
        while (suffix < BinarySuffixes.Length && (number % 1024).IsZero)
            (number, suffix) = (number / 1024, suffix + 1);
        return suffix == 0 ? Text(number) : $"{Text(number)}{BinarySuffixes[suffix - 1]}i";
    }

    private string Decimal()
    {
        var (number, suffix) = (billionths, 0);
        while (suffix < DecimalSuffixes.Length - 1 && (number % 1000).IsZero)
            (number, suffix) = (number / 1000, suffix + 1);
        var exponent = (suffix - 3) * 3;
        return exponent == 0 ? Text(number)
            : format == QuantityFormat.DecimalExponent ? $"{Text(number)}e{Text(exponent)}"
            : $"{Text(number)}{DecimalSuffixes[suffix]}";
    }

    private static string Text(BigInteger number) => number.ToString(CultureInfo.InvariantCulture);

    private static int DigitsFrom(string text, int start)
    {
        var end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end;
    }

    private static bool TryParseSuffix(string suffix, out int exponent, out int kibis, out QuantityFormat format)
    {
        (exponent, kibis, format) = (0, 0, QuantityFormat.DecimalSI);
        switch (suffix)
        {
            case "":
                return true;
            case [var one] when one != ' ' && DecimalSuffixes.Contains(one, StringComparison.Ordinal):
                exponent = (DecimalSuffixes.IndexOf(one, StringComparison.Ordinal) - 3) * 3;
                return true;
            case [var one, 'i'] when BinarySuffixes.Contains(one, StringComparison.Ordinal):
                (kibis, format) = (BinarySuffixes.IndexOf(one, StringComparison.Ordinal) + 1, QuantityFormat.BinarySI);
                return true;
            case ['e' or 'E', .. var number] when BigInteger.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power):
                (exponent, format) = ((int)BigInteger.Min(BigInteger.Max(power, -MaxExponent), MaxExponent), QuantityFormat.DecimalExponent);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A number times a power of ten, within what there is.</summary>
    private static BigInteger Scaled(BigInteger number, int exponent)
    {
        if (exponent >= 0)
            return BigInteger.Min(number * BigInteger.Pow(10, exponent), Max);
        var scaled = BigInteger.DivRem(number, BigInteger.Pow(10, -exponent), out var rest);
        return BigInteger.Min(rest.IsZero ? scaled : scaled + 1, Max);
    }
}
