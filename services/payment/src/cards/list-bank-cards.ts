import type { ListBankCardsRequest, ListBankCardsResponse } from "@airside/protos/airside/payments/v1/payments"
import type { CallContext } from "../context.ts"
import { parsePage, splitPage } from "../page.ts"
import { requirePerson } from "./add-bank-card.ts"
import type { CardRow } from "./save-card.ts"

/** The caller's saved cards, newest first. Reasons: INVALID_REQUEST. */
export async function listBankCards(
  context: CallContext,
  request: ListBankCardsRequest,
): Promise<ListBankCardsResponse> {
  const { size, after } = parsePage(request)
  const rows = await context.database.sql<(CardRow & { position: string })[]>`
    select id, brand, last4, expiry_month as "expiryMonth", expiry_year as "expiryYear", create_time::text as position
    from bank_cards
    where user_id = ${requirePerson(context)} and remove_time is null
      and (create_time, id) < (${after.time}::text::timestamptz, ${after.id}::uuid)
    order by create_time desc, id desc
    limit ${size + 1}`
  const { page, nextPageToken } = splitPage(rows, size)
  return { cards: page.map(({ position: _, ...card }) => card), nextPageToken }
}
