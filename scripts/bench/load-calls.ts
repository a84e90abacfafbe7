export interface CallLoad {
  calls: number
  perSecond: number
  p50Milliseconds: number
  p99Milliseconds: number
}

export interface CallOptions {
  /** Nothing is begun after it. */
  seconds: number
  /** Each makes one call after the other. */
  workers: number
  /** It ends earlier when so many were made. */
  most?: number
}

/** The driver for everything but pages: a closed loop of workers. `call` is told its number, from 0. Throws as it does. */
export async function loadCalls(
  { seconds, workers, most = Infinity }: CallOptions,
  call: (number: number, worker: number) => Promise<unknown>,
): Promise<CallLoad> {
  const milliseconds: number[] = []
  let next = 0
  let failed = false
  const startTime = performance.now()
  const endTime = startTime + seconds * 1000
  const work = async (_: unknown, worker: number) => {
    while (!failed && next < most && performance.now() < endTime) {
      const callTime = performance.now()
      try {
        await call(next++, worker)
      } catch (error) {
        failed = true
        throw error
      }
      milliseconds.push(performance.now() - callTime)
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  const elapsedSeconds = (performance.now() - startTime) / 1000
  return { calls: milliseconds.length, perSecond: milliseconds.length / elapsedSeconds, ...percentiles(milliseconds) }
}

function percentiles(milliseconds: number[]) {
  const sorted = Float64Array.from(milliseconds).sort()
  const percentile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50Milliseconds: percentile(0.5), p99Milliseconds: percentile(0.99) }
}
