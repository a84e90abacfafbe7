import { cutPage, parsePage } from "@airside/kernel/pages"
import type { ListBankCardsRequest, ListBankCardsResponse } from "@airside/protos/airside/payments/v1/payments"
import type { CallContext } from "../context.ts"
import { requirePerson } from "./add-bank-card.ts"
import { type CardRow, cardColumns } from "./save-card.ts"

/** The caller's saved cards, newest first. Reasons: INVALID_REQUEST. */
export async function listBankCards(
  context: CallContext,
  request: ListBankCardsRequest,
): Promise<ListBankCardsResponse> {
  const page = parsePage(request, ["instant", "uuid"])
  const { sql } = context.database
  const rows = await sql<(CardRow & { position: string })[]>`
    select ${cardColumns(sql)}, create_time::text as position
    from bank_cards as c
    where user_id = ${requirePerson(context)} and remove_time is null
      ${page.after ? sql`and (create_time, id) < (${page.after[0]}::text::timestamptz, ${page.after[1]}::uuid)` : sql``}
    order by create_time desc, id desc
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, (row) => [row.position, row.id])
  return { cards: items.map(({ position: _, ...card }) => card), nextPageToken }
}
