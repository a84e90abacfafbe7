declare module "autocannon" {
  export interface Options {
    url: string
    connections: number
    /** Seconds. */
    duration: number
    requests?: { setupRequest(request: { path: string }): { path: string } }[]
  }
  export interface Result {
    requests: { total: number }
    latency: { p50: number; p99: number }
    non2xx: number
    errors: number
    duration: number
  }
  export default function autocannon(options: Options): Promise<Result>
}
