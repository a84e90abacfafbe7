import { createUnderWay } from "@airside/kernel/under-way"

/** By payment: its event often comes while we are still told what became of it. */
const underWay = createUnderWay()
/** The latest payments that this process saw settled. */
const settled = new Set<string>()
const REMEMBERED = 10_000

/** Lets events of the payment know that it is just being paid and settled. */
export const settling = <T>(paymentId: string, work: () => Promise<T>): Promise<T> => underWay.during(paymentId, work)

/** The payment has paid its booking: there is nothing that an event of it could settle. */
export function noteSettled(paymentId: string): void {
  settled.add(paymentId)
  if (settled.size <= REMEMBERED) return
  const [oldest] = settled
  settled.delete(oldest!)
}

/**
 * Whether this process has seen the payment settled, after waiting a moment for one that it is just settling. False says
 * nothing: another process may have.
 */
export async function isKnownToBeSettled(paymentId: string): Promise<boolean> {
  await underWay.waited(paymentId)
  return settled.has(paymentId)
}
