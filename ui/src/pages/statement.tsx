import { PointsKind, type PointsTransaction } from "@airside/protos/airside/loyalty/v1/loyalty"
import type { UiContext } from "../context.ts"
import { csvRecord, UTF8_MARK } from "../csv.ts"
import { formatInstantDate, formatPoints } from "../format.ts"
import { logInFirst } from "./list.tsx"

const PAGE_SIZE = 100

const KINDS: Record<PointsKind, string> = {
  [PointsKind.UNSPECIFIED]: "Other",
  [PointsKind.EARN]: "Earned",
  [PointsKind.REDEEM]: "Spent",
  [PointsKind.REVERSE]: "Reversed",
  [PointsKind.EXPIRE]: "Lapsed",
  [PointsKind.ADJUST]: "Adjusted",
}

/** Transactions newest first, with the balance that each left. Staff also see which of them adjusted it. */
export function Statement({ transactions, staff = false }: { transactions: PointsTransaction[]; staff?: boolean }) {
  return (
    <table class="table stacks">
      <thead>
        <tr>
          <th>What</th>
          <th class="amount">Points</th>
          <th>Date</th>
          <th class="amount">Balance</th>
          <th>Valid until</th>
        </tr>
      </thead>
      <tbody>
        {transactions.map(({ points, bookingReference, description, createTime, ...transaction }) => (
          <tr>
            <td>
              {bookingReference ? <a href={`/bookings/${bookingReference}`}>{description}</a> : description}
              {staff && transaction.adjustedBy && (
                <>
                  <br />
                  <small class="muted">Adjusted by {transaction.adjustedBy}</small>
                </>
              )}
            </td>
            <td class={`amount ${points > 0n ? "gain" : ""}`}>
              {points > 0n ? "+" : ""}
              {formatPoints(points)}
            </td>
            <td class="date">{createTime && formatInstantDate(createTime)}</td>
            <td class="amount running-balance" data-label="Balance">
              {formatPoints(transaction.balanceAfter)}
            </td>
            <td class="date whole" data-label="Valid until">
              {transaction.expireTime && formatInstantDate(transaction.expireTime)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/**
 * The whole statement as a file for spreadsheets, sent page by page as it is read: it never stands in memory as a whole.
 * The first page is read before anything is sent, so that a failure is still a page; a later one breaks the download off.
 */
export async function downloadStatement({ clients, sessions }: UiContext, request: Request): Promise<Response> {
  if (!(await sessions.identityOf(request)).user) return logInFirst(request)
  const read = async (pageToken: string) => {
    // Each time anew: a long download outlives an identity token, and ends with its session.
    const { token } = await sessions.identityOf(request)
    return clients.loyalty.listTransactions({ userId: "me", pageSize: PAGE_SIZE, pageToken }, { token })
  }
  let page = await read("")
  const encoder = new TextEncoder()
  let text = UTF8_MARK + csvRecord(["Time", "Kind", "Description", "Booking", "Points", "Balance", "Valid until"])
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      text += page.transactions.map(toRecord).join("")
      controller.enqueue(encoder.encode(text))
      text = ""
      if (page.nextPageToken === "") controller.close()
      else page = await read(page.nextPageToken)
    },
  })
  const day = new Date().toISOString().slice(0, 10)
  return new Response(body, {
    headers: {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="airside-points-${day}.csv"`,
      "cache-control": "no-store",
    },
  })
}

const toRecord = (transaction: PointsTransaction) =>
  csvRecord([
    transaction.createTime?.toISOString() ?? "",
    KINDS[transaction.kind],
    transaction.description,
    transaction.bookingReference,
    transaction.points,
    transaction.balanceAfter,
    transaction.expireTime?.toISOString() ?? "",
  ])
