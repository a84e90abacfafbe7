import type { Transaction } from "@airside/kernel/sql"

interface Posting {
  paymentId: string
  /** The payment's own id, or the refund's: a second posting under it is refused by the primary key. */
  postingId: string
  currency: string
  minorUnits: bigint
}

/** The traveller's money has come to our balance at Stripe, and we owe a journey for it. */
export const postPayment = (tx: Transaction, posting: Posting) => post(tx, posting, "stripe_balance", "customer_funds")

/** The traveller's money goes back. */
export const postRefund = (tx: Transaction, posting: Posting) => post(tx, posting, "customer_funds", "stripe_balance")

async function post(tx: Transaction, posting: Posting, debit: string, credit: string) {
  const { paymentId, postingId, currency, minorUnits } = posting
  await tx`
    insert into ledger_entries (payment_id, posting_id, side, account, currency, amount_minor_units)
    values
      (${paymentId}, ${postingId}, 'debit', ${debit}, ${currency}, ${minorUnits}),
      (${paymentId}, ${postingId}, 'credit', ${credit}, ${currency}, ${minorUnits})`
}
