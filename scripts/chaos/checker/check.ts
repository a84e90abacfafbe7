import { answerInvariants } from "./answers.ts"
import type { Evidence, Finding, Invariant } from "./evidence.ts"
import { moneyInvariants } from "./money.ts"
import { pointInvariants } from "./points.ts"
import { seatInvariants } from "./seats.ts"

export const INVARIANTS: Invariant[] = [...seatInvariants, ...moneyInvariants, ...pointInvariants, ...answerInvariants]

export interface Violation extends Finding {
  invariant: string
}

const PAUSE_MILLISECONDS = 250

export interface Verdict {
  /** Empty is what it must be. */
  violations: Violation[]
  looks: number
}

/**
 * Everything that is wrong, when all should be settled. A late webhook may arrive while we
 * look, and what follows from it has its time: what is due later is looked at again until `dueTime`, anything else
 * counts at once.
 */
export async function check(readEvidence: () => Evidence, dueTime: number): Promise<Verdict> {
  for (let looks = 1; ; looks++) {
    const evidence = readEvidence()
    const violations: Violation[] = []
    let mayStillSettle = Date.now() < dueTime
    for (const { name, isDueLater, find } of INVARIANTS) {
      const found = await find(evidence)
      if (found.length > 0 && !isDueLater) mayStillSettle = false
      for (const finding of found) violations.push({ invariant: name, ...finding })
    }
    if (violations.length === 0 || !mayStillSettle) return { violations, looks }
    await Bun.sleep(PAUSE_MILLISECONDS)
  }
}
