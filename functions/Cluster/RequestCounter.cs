using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Heliograph.Cluster;

/// <summary>Counts what is asked of the API server: every attempt, once its status is known or once it is clear that none will come.</summary>
internal sealed class RequestCounter
{
    private static readonly Meter SharedMeter = new(KubernetesCluster.MeterName);

    private readonly Counter<long> requests;

    public RequestCounter(IMeterFactory? meters)
    {
        var meter = meters is null ? SharedMeter : meters.Create(KubernetesCluster.MeterName);
        requests = meter.CreateCounter<long>("heliograph.cluster.requests", "{request}", "Requests to the API server.");
    }

    public void Answered(ApiRequest request, int statusCode) => Count(request, statusCode switch
    {
        < 200 => "1xx",
        < 300 => "2xx",
        < 400 => "3xx",
        < 500 => "4xx",
        _ => "5xx",
    });

    public void Unanswered(ApiRequest request) => Count(request, "none");

    private void Count(ApiRequest request, string statusClass) =>
        requests.Add(1, new TagList { { "verb", request.Verb }, { "kind", request.Kind }, { "status", statusClass } });
}
