import { newId } from "@airside/kernel/ids"
import type { Queryable } from "@airside/kernel/sql"

export interface CardRow {
  id: string
  brand: string
  last4: string
  expiryMonth: number
  expiryYear: number
  isDefault: boolean
}

/** Stripe's description of a card, by a payment method or by a charge. */
interface CardDetails {
  brand: string | null
  last4: string | null
  exp_month: number
  exp_year: number
  fingerprint?: string | null
}

/** The columns of a CardRow, of `bank_cards as c`. */
export const cardColumns = (sql: Queryable) => sql`
  c.id, c.brand, c.last4, c.expiry_month as "expiryMonth", c.expiry_year as "expiryYear", c.id = (
    select each.id
    from bank_cards as each
    where each.user_id = c.user_id and each.remove_time is null
    order by each.default_time desc nulls last, each.create_time, each.id
    limit 1
  ) as "isDefault"`

export async function readCard(sql: Queryable, userId: string, id: string): Promise<CardRow> {
  const [card] = await sql<CardRow[]>`
    select ${cardColumns(sql)}
    from bank_cards as c
    where c.user_id = ${userId} and c.id = ${id}`
  return card!
}

/** Keeps what a person recognises the card by. The same card again is the same row, with its newer token and expiry. */
export async function saveCard(
  sql: Queryable,
  userId: string,
  paymentMethodId: string,
  card: CardDetails,
): Promise<CardRow> {
  const [row] = await sql<{ id: string }[]>`
    insert into bank_cards
      (user_id, id, stripe_payment_method_id, fingerprint, brand, last4, expiry_month, expiry_year)
    values
      (${userId}, ${newId()}, ${paymentMethodId}, ${card.fingerprint || paymentMethodId}, ${card.brand ?? "unknown"},
       ${card.last4 ?? "0000"}, ${card.exp_month}, ${card.exp_year})
    on conflict (user_id, fingerprint) do update
    set stripe_payment_method_id = excluded.stripe_payment_method_id, brand = excluded.brand,
      expiry_month = excluded.expiry_month, expiry_year = excluded.expiry_year, remove_time = null
    returning id`
  return readCard(sql, userId, row!.id)
}
