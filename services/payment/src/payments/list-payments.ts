import { type Caller, isStaff } from "@airside/kernel/identity"
import { isUuid } from "@airside/kernel/ids"
import { money } from "@airside/kernel/money"
import { cutPage, parsePage } from "@airside/kernel/pages"
import {
  type ListPaymentsRequest,
  type ListPaymentsResponse,
  TransactionKind,
} from "@airside/protos/airside/payments/v1/payments"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { type Status, toStatus } from "./payment.ts"

interface TransactionRow {
  id: string
  kind: "payment" | "refund"
  status: Status
  currency: string
  minorUnits: bigint
  bookingReference: string
  createTime: Date
  position: string
}

/**
 * Payments that are open or were paid, and refunds, newest first: the caller's own, or with `user_id` anybody's for
 * staff. A refund that Stripe has not taken yet, or that waits for a dispute, is `processing`, one that failed
 * `cancelled`, and one that came from the bank in place of us `succeeded`. Reasons: USER_NOT_FOUND, INVALID_REQUEST.
 */
export async function listPayments(
  { database: { sql }, call }: CallContext,
  request: ListPaymentsRequest,
): Promise<ListPaymentsResponse> {
  const page = parsePage(request, ["instant", "uuid"])
  const owner = ownerOf(call.caller, request.userId)
  const isOwned = owner.kind === "user" ? sql`p.user_id = ${owner.id}` : sql`p.booking_id = ${owner.id}`
  const rows = await sql<TransactionRow[]>`
    select id, kind, status, currency, amount_minor_units as "minorUnits", booking_reference as "bookingReference",
      create_time as "createTime", create_time::text as position
    from (
      select p.id, 'payment' as kind, p.status, p.currency, p.amount_minor_units, p.booking_reference, p.create_time
      from payment_transactions p
      where ${isOwned} and p.status <> 'cancelled'
      union all
      select r.id, 'refund',
        case
          when r.status in ('pending', 'withheld') then 'processing'
          when r.status = 'failed' then 'cancelled'
          else 'succeeded'
        end, p.currency, r.amount_minor_units, p.booking_reference, r.create_time
      from payment_transactions p
      join refunds r on r.payment_id = p.id
      where ${isOwned}
    ) as transactions
    ${page.after ? sql`where (create_time, id) < (${page.after[0]}::text::timestamptz, ${page.after[1]}::uuid)` : sql``}
    order by create_time desc, id desc
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, (row) => [row.position, row.id])
  const transactions = items.map(({ kind, status, currency, minorUnits, id, bookingReference, createTime }) => ({
    id,
    kind: kind === "payment" ? TransactionKind.PAYMENT : TransactionKind.REFUND,
    status: toStatus(status),
    amount: money(currency, minorUnits),
    bookingReference,
    createTime,
  }))
  return { transactions, nextPageToken }
}

type Owner = { kind: "user" | "booking"; id: string }

function ownerOf(caller: Caller, userId: string): Owner {
  const isCaller = userId === "" || userId === "me"
  if (caller.kind === "guest" && isCaller) return { kind: "booking", id: caller.bookingId }
  if (caller.kind === "person" && (isCaller || userId === caller.userId)) return { kind: "user", id: caller.userId }
  if (isStaff(caller) && isUuid(userId)) return { kind: "user", id: userId }
  throw failures.USER_NOT_FOUND()
}
