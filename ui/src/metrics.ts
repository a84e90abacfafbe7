const BUCKET_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** How often each route answered with which status, and how long that took. */
export interface Metrics {
  /** `route` as it is declared ("/api/bookings/:reference"): never what a caller made up. */
  observe(method: string, route: string, status: number, seconds: number): void
  /** As Prometheus reads it: https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text(): string
}

export function createMetrics(): Metrics {
  const series = new Map<string, { count: number; seconds: number; buckets: number[] }>()
  return {
    observe(method, route, status, seconds) {
      const labels = `method="${method}",route="${route}",status="${status}"`
      const seen = series.get(labels) ?? { count: 0, seconds: 0, buckets: BUCKET_SECONDS.map(() => 0) }
      series.set(labels, seen)
      seen.count += 1
      seen.seconds += seconds
      for (const [index, limit] of BUCKET_SECONDS.entries()) if (seconds <= limit) seen.buckets[index]! += 1
    },
    text() {
      const lines = [
        "# TYPE process_resident_memory_bytes gauge",
        `process_resident_memory_bytes ${process.memoryUsage().rss}`,
        "# TYPE process_start_time_seconds gauge",
        `process_start_time_seconds ${Math.round(Date.now() / 1000 - process.uptime())}`,
        "# TYPE http_request_duration_seconds histogram",
      ]
      for (const [labels, { count, seconds, buckets }] of series) {
        for (const [index, limit] of BUCKET_SECONDS.entries()) {
          lines.push(`http_request_duration_seconds_bucket{${labels},le="${limit}"} ${buckets[index]}`)
        }
        lines.push(`http_request_duration_seconds_bucket{${labels},le="+Inf"} ${count}`)
        lines.push(`http_request_duration_seconds_sum{${labels}} ${seconds}`)
        lines.push(`http_request_duration_seconds_count{${labels}} ${count}`)
      }
      return `${lines.join("\n")}\n`
    },
  }
}
