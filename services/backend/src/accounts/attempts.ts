import { failures } from "../failures.ts"

const ATTEMPTS = 10
const WINDOW_SECONDS = 600
const REMEMBERED_KEYS = 50_000

/**
 * Slows down guessing: ten failures for the same name within ten minutes, then TOO_MANY_ATTEMPTS. Kept in memory: it
 * need not be exact, only tiresome.
 */
export function createAttemptLimit() {
  const failed = new Map<string, { count: number; startTime: number }>()
  const current = (key: string) => {
    const entry = failed.get(key)
    return entry && entry.startTime > Date.now() - WINDOW_SECONDS * 1000 ? entry : undefined
  }
  return {
    check(key: string) {
      if ((current(key)?.count ?? 0) >= ATTEMPTS) throw failures.TOO_MANY_ATTEMPTS()
    },
    failed(key: string) {
      if (failed.size >= REMEMBERED_KEYS) failed.clear()
      const entry = current(key)
      if (entry) entry.count++
      else failed.set(key, { count: 1, startTime: Date.now() })
    },
    succeeded(key: string) {
      failed.delete(key)
    },
  }
}
