import type { Queryable, Transaction } from "@airside/kernel/sql"

/**
 * What moved money, with the accounts that it debits and credits. Our balance at Stripe is an asset, what we owe
 * travellers a debt; what a bank has taken back while a dispute is undecided is neither, until it comes back or is lost.
 */
const ACCOUNTS = {
  payment: ["stripe_balance", "customer_funds"],
  refund: ["customer_funds", "stripe_balance"],
  refund_failed: ["stripe_balance", "customer_funds"],
  dispute_withdrawn: ["disputed_funds", "stripe_balance"],
  dispute_reinstated: ["stripe_balance", "disputed_funds"],
  dispute_lost: ["customer_funds", "disputed_funds"],
} as const satisfies Record<string, readonly [debit: string, credit: string]>

export type PostingKind = keyof typeof ACCOUNTS

export interface Posting {
  paymentId: string
  /** The payment's own id, a refund's, or one derived: a second posting under it is refused by the primary key. */
  postingId: string
  kind: PostingKind
  /** The object at Stripe that moved it: an intent, a refund or a dispute. */
  stripeId: string
  currency: string
  minorUnits: bigint
}

export async function post(tx: Transaction, posting: Posting) {
  await insertEntries(tx, posting, tx`true`)
}

/** The posting as a part of the statement that moves what it is about, which says when. */
export function insertEntries(sql: Queryable, posting: Posting, when: ReturnType<Queryable>) {
  const { paymentId, postingId, kind, stripeId, currency, minorUnits } = posting
  const [debit, credit] = ACCOUNTS[kind]
  return sql`
    insert into ledger_entries (payment_id, posting_id, kind, stripe_id, side, account, currency, amount_minor_units)
    select ${paymentId}::uuid, ${postingId}::uuid, ${kind}::text, ${stripeId}::text, side, account, ${currency}::text,
           ${minorUnits}::bigint
    from (values ('debit', ${debit}::text), ('credit', ${credit}::text)) as entry (side, account)
    where ${when}`
}
