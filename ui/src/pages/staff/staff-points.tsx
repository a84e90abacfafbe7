import type { FieldProblem } from "@airside/kernel/errors"
import { isUuid } from "@airside/kernel/ids"
import type { RequestOptions } from "@airside/kernel/rpc-client"
import type { User } from "@airside/protos/airside/accounts/v1/accounts"
import { Elysia } from "elysia"
import type { UiContext } from "../../context.ts"
import { formatMoney, formatPoints } from "../../format.ts"
import { Page, redirect, respond } from "../../layout.tsx"
import { HttpProblem, hasReason, problemOf } from "../../problems.ts"
import { ErrorSummary, Input, RequestId, readForm, text } from "../form.tsx"
import { logInFirst } from "../list.tsx"
import { Statement } from "../statement.tsx"

const PATH = "/staff/points"

/** Staff look at a customer's points and adjust them, with a reason that stands in the customer's statement. */
export const staffPointsPage = (context: UiContext) =>
  new Elysia()
    .get(PATH, ({ request }) => asStaff(context, request, (staff) => showPoints(context, request, staff)))
    .post(
      PATH,
      async ({ request }) => {
        const form = await readForm(request)
        return asStaff(context, request, (staff) => adjust(context, request, form, staff))
      },
      { parse: "none" },
    )

interface Staff {
  user: User
  options: RequestOptions
}

async function asStaff({ sessions }: UiContext, request: Request, answer: (staff: Staff) => Promise<Response>) {
  const { user, token } = await sessions.identityOf(request)
  if (!user) return logInFirst(request)
  if (!user.staff) throw new HttpProblem(403, "NOT_ALLOWED", "This page is for staff.")
  return answer({ user, options: { token: token! } })
}

async function adjust(context: UiContext, request: Request, form: URLSearchParams, staff: Staff): Promise<Response> {
  const userId = text(form, "user_id")
  const requestId = text(form, "request_id")
  const typed = text(form, "points").replaceAll(",", "").replace("−", "-")
  const refuse = (status: number, problems: readonly FieldProblem[], keptRequestId?: string) =>
    showPoints(context, request, staff, { userId, form, status, problems, requestId: keptRequestId })
  if (!/^[+-]?\d{1,13}$/.test(typed))
    return refuse(422, [{ field: "points", message: "Give a whole number of points." }])
  try {
    await context.clients.loyalty.earnPoints(
      {
        requestId,
        transactionId: "",
        userId,
        amount: { $case: "points", value: BigInt(typed.replace("+", "")) },
        bookingReference: "",
        reason: text(form, "reason"),
      },
      staff.options,
    )
    return redirect(`${PATH}?customer=${encodeURIComponent(userId)}`)
  } catch (error) {
    const { status, detail, fields } = problemOf(error)
    if (hasReason(error, "INVALID_REQUEST")) return refuse(422, fields)
    if (hasReason(error, "NOT_ENOUGH_POINTS")) return refuse(409, [{ field: "points", message: detail }])
    // Nobody knows whether it was done: the same request_id makes the next try safe.
    if (status === 503) return refuse(503, [{ field: "", message: detail }], requestId)
    throw error
  }
}

interface Refused {
  userId: string
  form: URLSearchParams
  status: number
  problems: readonly FieldProblem[]
  requestId?: string | undefined
}

async function showPoints(context: UiContext, request: Request, { user, options }: Staff, refused?: Refused) {
  const query = new URL(request.url).searchParams
  const asked = refused?.userId ?? text(query, "customer")
  const customer = refused ?? (asked ? await findCustomer(context, asked, options) : undefined)
  const unknown = asked && !customer?.userId
  return respond(
    <Page title="Customers’ points" user={user} path={PATH}>
      <div class="page-head">
        <div>
          <h1>Customers’ points</h1>
          <p>
            Every adjustment stands in the customer’s statement with its reason, and in the ledger with your account’s
            number.
          </p>
        </div>
      </div>
      <form class="card" method="get" action={PATH}>
        <div class="with-button stacks">
          <Input
            name="customer"
            label="Booking reference or account number"
            value={asked}
            problems={unknown ? [{ field: "customer", message: NO_CUSTOMER }] : []}
            autocomplete="off"
            maxlength={40}
          />
          <button class="button secondary" type="submit">
            Show points
          </button>
        </div>
      </form>
      {customer?.userId && (
        <Customer {...{ context, options, userId: customer.userId, refused }} pageToken={text(query, "page_token")} />
      )}
    </Page>,
    refused?.status ?? (unknown ? 404 : 200),
  )
}

const NO_CUSTOMER = "There is no such account, no such booking, or a guest made it: guests have no points."

/** The person behind an account number, or behind the booking with a reference. */
async function findCustomer({ clients }: UiContext, asked: string, options: RequestOptions) {
  try {
    if (isUuid(asked)) return (await clients.loyalty.getAccount({ userId: asked }, options)).account
    return (await clients.bookings.getBooking({ reference: asked.toUpperCase() }, options)).booking
  } catch (error) {
    if (!hasReason(error, "USER_NOT_FOUND", "BOOKING_NOT_FOUND")) throw error
    return undefined
  }
}

interface CustomerProps {
  context: UiContext
  options: RequestOptions
  userId: string
  pageToken: string
  refused: Refused | undefined
}

async function Customer({ context: { clients }, options, userId, pageToken, refused }: CustomerProps) {
  const problems = refused?.problems ?? []
  const value = (name: string) => (refused ? text(refused.form, name) : "")
  const points = await readPoints(clients, userId, pageToken, options).catch((error) => {
    // While loyalty is silent the form stays, so that the same request can be sent again.
    if (refused?.status !== 503) throw error
    return undefined
  })
  return (
    <>
      <section class="card" aria-labelledby="adjust-title">
        <h2 id="adjust-title">
          {points
            ? `${formatPoints(points.balance)} points${points.worth ? `, worth ${formatMoney(points.worth)}` : ""}`
            : "Points"}
        </h2>
        <p class="muted">Account {userId}</p>
        <ErrorSummary problems={problems} />
        <form method="post" action={PATH}>
          <RequestId value={refused?.requestId} />
          <input type="hidden" name="user_id" value={userId} />
          <div class="fields two">
            <Input
              name="points"
              label="Points"
              hint="To give; with a minus in front, to take off."
              value={value("points")}
              problems={problems}
              autocomplete="off"
            />
            <Input name="reason" label="Reason" value={value("reason")} problems={problems} maxlength={200} />
          </div>
          <div class="actions">
            <button class="button" type="submit">
              Adjust points
            </button>
          </div>
        </form>
      </section>
      <section class="card" aria-labelledby="statement-title">
        <h2 id="statement-title">Statement</h2>
        <Statement transactions={points?.transactions ?? []} staff={true} />
        {points?.nextPageToken && (
          <p>
            <a href={`${PATH}?${new URLSearchParams({ customer: userId, page_token: points.nextPageToken })}`}>Older</a>
          </p>
        )}
      </section>
    </>
  )
}

/** An account that nobody has looked at yet is empty. */
async function readPoints(clients: UiContext["clients"], userId: string, pageToken: string, options: RequestOptions) {
  try {
    const [{ account }, { transactions, nextPageToken }] = await Promise.all([
      clients.loyalty.getAccount({ userId }, options),
      clients.loyalty.listTransactions({ userId, pageSize: 20, pageToken }, options),
    ])
    return { balance: account!.balance, worth: account!.balanceValue, transactions, nextPageToken }
  } catch (error) {
    if (!hasReason(error, "USER_NOT_FOUND")) throw error
    return { balance: 0n, worth: undefined, transactions: [], nextPageToken: "" }
  }
}
