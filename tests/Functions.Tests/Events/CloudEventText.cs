using System.Text;
using Heliograph.Model;

namespace Heliograph.Functions.Tests.Events;

/// <summary>CloudEvents as text.</summary>
internal static class CloudEventText
{
    public static string Data(Hint hint) => Encoding.UTF8.GetString(HintJson.Write(hint));

    public static string Of(Hint hint, string id = "1") => Of(hint.EventType, Data(hint), id);

    public static string Of(string type, string data, string id = "1") =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"/test","type":"{{type}}","datacontenttype":"application/json","data":{{data}}}""";

    public static Hint.ObjectChanged SourceChanged(string kind, string ns, string name) => new() { Object = new(kind, ns, name), Uid = "uid", IsSource = true };
}
