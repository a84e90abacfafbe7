import { answerInvariants } from "./answers.ts"
import type { Evidence, Finding, Invariant } from "./evidence.ts"
import { moneyInvariants } from "./money.ts"
import { pointInvariants } from "./points.ts"
import { seatInvariants } from "./seats.ts"

export const INVARIANTS: Invariant[] = [...seatInvariants, ...moneyInvariants, ...pointInvariants, ...answerInvariants]

export interface Violation extends Finding {
  invariant: string
}

/** Everything that is wrong at this moment, when all must be settled. Empty is what it must be. */
export async function check(evidence: Evidence): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const { name, find } of INVARIANTS) {
    for (const finding of await find(evidence)) violations.push({ invariant: name, ...finding })
  }
  return violations
}
