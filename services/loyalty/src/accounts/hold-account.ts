import type { Transaction } from "@airside/kernel/sql"
import { expireLots, findDueLots } from "../lots/expire-lots.ts"

/** An account's sums, as the transaction that holds it found them. */
export interface HeldAccount {
  balance: bigint
  lifetime: bigint
}

/**
 * Holds a person's account until the transaction ends, so that others who would move its points wait. It comes into
 * being when it is first needed; what is due to expire has expired afterwards.
 */
export async function holdAccount(tx: Transaction, userId: string): Promise<HeldAccount> {
  // Sent together and carried out in this order: what is due is looked for when the account is held.
  const [held, due] = await Promise.all([lockAccount(tx, userId), findDueLots(tx, userId)])
  const account = held ?? (await openAccount(tx, userId))
  const expired = await expireLots(tx, userId, due)
  return { ...account, balance: account.balance - expired }
}

async function lockAccount(tx: Transaction, userId: string): Promise<HeldAccount | undefined> {
  const [account] = await tx<HeldAccount[]>`
    select balance, lifetime
    from loyalty_accounts
    where user_id = ${userId}
    for update`
  return account
}

async function openAccount(tx: Transaction, userId: string): Promise<HeldAccount> {
  await tx`
    insert into loyalty_accounts (user_id)
    values (${userId})
    on conflict do nothing`
  return (await lockAccount(tx, userId))!
}
