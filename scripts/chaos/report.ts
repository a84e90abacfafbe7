import type { SQL } from "bun"
import { INVARIANTS, type Violation } from "./checker/check.ts"
import type { RoundResult } from "./round.ts"

export interface Report {
  seed: number
  rounds: number
  requests: number
  seconds: number
  faults: Record<string, number>
  bookings: Record<string, number>
  invariants: Record<string, number>
  recoverySeconds: { bookings: number; p50: number; p99: number }
}

/** What a run comes to. `violations` are counted once, in the round in which they were first seen. */
export async function summarise(
  admin: SQL,
  { seed, results, violations }: { seed: number; results: RoundResult[]; violations: Violation[] },
): Promise<Report> {
  const faults: Record<string, number> = {}
  for (const { name, count } of results.flatMap((result) => result.faults)) faults[name] = (faults[name] ?? 0) + count
  const rows: { status: string; count: number }[] = await admin`
    select status, count(*)::int as count from backend.bookings group by status order by status`
  const recovery = results.flatMap((result) => result.recoverySeconds).toSorted((a, b) => a - b)
  const percentile = (share: number) =>
    recovery[Math.min(recovery.length - 1, Math.floor(recovery.length * share))] ?? 0
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
  return {
    seed,
    rounds: results.length,
    requests: sum(results.map(({ requests }) => requests)),
    seconds: Math.round(sum(results.map(({ seconds }) => seconds))),
    faults: Object.fromEntries(Object.entries(faults).sort()),
    bookings: Object.fromEntries(rows.map(({ status, count }) => [status, count])),
    invariants: Object.fromEntries(
      INVARIANTS.map(({ name }) => [name, violations.filter(({ invariant }) => invariant === name).length]),
    ),
    recoverySeconds: { bookings: recovery.length, p50: percentile(0.5), p99: percentile(0.99) },
  }
}

export function table(report: Report): string {
  const { recoverySeconds: recovery } = report
  const lines = (counts: Record<string, number>) =>
    Object.entries(counts).map(([name, count]) => `  ${name.padEnd(36)}${String(count).padStart(8)}`)
  const sentences = INVARIANTS.map(
    ({ name, sentence }) => `  ${name.padEnd(36)}${String(report.invariants[name]).padStart(8)}  ${sentence}`,
  )
  return [
    `seed ${report.seed}: ${report.rounds} rounds, ${report.requests} requests, ${report.seconds} s`,
    "faults injected",
    ...lines(report.faults),
    "bookings by final state",
    ...lines(report.bookings),
    "invariants, each to be 0",
    ...sentences,
    `recovery of ${recovery.bookings} bookings under way: p50 ${recovery.p50.toFixed(1)} s, p99 ${recovery.p99.toFixed(1)} s`,
  ].join("\n")
}
