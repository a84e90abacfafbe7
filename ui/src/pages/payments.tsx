import { PaymentStatus, type Transaction, TransactionKind } from "@airside/protos/airside/payments/v1/payments"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { formatInstantDate, formatMoney } from "../format.ts"
import { Page, respond } from "../layout.tsx"
import { AccountTabs } from "./account-tabs.tsx"
import { text } from "./form.tsx"
import { logInFirst, Pages } from "./list.tsx"

const STATUSES: Record<PaymentStatus, [words: string, tone: string]> = {
  [PaymentStatus.UNSPECIFIED]: ["Unknown", ""],
  [PaymentStatus.OPEN]: ["Open", "warn"],
  [PaymentStatus.REQUIRES_ACTION]: ["Waiting for your bank", "warn"],
  [PaymentStatus.PROCESSING]: ["In progress", "warn"],
  [PaymentStatus.SUCCEEDED]: ["Done", "good"],
  [PaymentStatus.CANCELLED]: ["Not charged", ""],
}

/** It did not reach the card; staff is told, and tries it again. */
const FAILED_REFUND = ["Failed, we look into it", "bad"] as const

/** Every payment and refund of whoever is logged in, newest first. */
export const paymentsPage = ({ clients, sessions }: UiContext) =>
  new Elysia().get("/account/payments", async ({ request }) => {
    const { user, token } = await sessions.identityOf(request)
    if (!user) return logInFirst(request)
    const pageToken = text(new URL(request.url).searchParams, "page_token")
    const asked = { userId: "me", pageSize: 20, pageToken }
    const { transactions, nextPageToken } = await clients.payments.listPayments(asked, { token })
    return respond(
      <Page title="Payments" user={user} path="/account">
        <div class="page-head">
          <h1>Payments</h1>
        </div>
        <AccountTabs current="/account/payments" />
        {transactions.length === 0 ? (
          <div class="empty">
            <h2>No payments yet</h2>
            <p>What you pay and what you get back is listed here.</p>
          </div>
        ) : (
          <div class="card">
            <table class="table stacks">
              <thead>
                <tr>
                  <th>What</th>
                  <th class="amount">Amount</th>
                  <th>Date</th>
                  <th>Status</th>
                </tr>
              </thead>
              <tbody>
                {transactions.map((transaction) => (
                  <Row transaction={transaction} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        <Pages path="/account/payments" first={pageToken === ""} nextPageToken={nextPageToken} />
      </Page>,
    )
  })

function Row({ transaction }: { transaction: Transaction }) {
  const refund = transaction.kind === TransactionKind.REFUND
  const hasFailed = refund && transaction.status === PaymentStatus.CANCELLED
  const [words, tone] = hasFailed ? FAILED_REFUND : STATUSES[transaction.status]
  return (
    <tr>
      <td>
        {refund ? "Refund" : "Payment"} for{" "}
        <a class="reference" href={`/bookings/${transaction.bookingReference}`}>
          {transaction.bookingReference}
        </a>
      </td>
      <td class="amount">
        {refund ? "+" : ""}
        {formatMoney(transaction.amount)}
      </td>
      <td>{transaction.createTime && formatInstantDate(transaction.createTime)}</td>
      <td>
        <span class={`status ${tone}`}>{words}</span>
      </td>
    </tr>
  )
}
