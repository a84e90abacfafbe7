import pino from "pino"

export type Log = pino.Logger

/** One JSON line an event on standard output. What could open or pay for something is never written. */
export function createLog(name: string, level: string): Log {
  return pino({
    name,
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    // PostgreSQL's detail shows the whole row that a constraint refused.
    redact: [
      "err.detail",
      "*.password",
      "*.access_token",
      "*.accessToken",
      "*.authorization",
      "*.client_secret",
      "*.clientSecret",
    ],
  })
}
