import { Failure } from "@airside/kernel/errors"
import type { RequestOptions } from "@airside/kernel/rpc-client"
import type { Booking } from "@airside/protos/airside/bookings/v1/bookings"
import type { BankCard, ProcessPaymentRequest } from "@airside/protos/airside/payments/v1/payments"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { formatMoney, formatPoints } from "../format.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { bookingJourneys, TimeLeft } from "./booking-parts.tsx"
import { cardInWords } from "./cards.tsx"
import { ErrorSummary, RequestId, readForm, text } from "./form.tsx"
import { asOwner } from "./owner.ts"
import { PriceLines } from "./selection.tsx"
import { canBePaid } from "./status.tsx"

/** Pays for held seats: on the hosted page, by a saved card, or with nothing left to pay. */
export const payPage = (context: UiContext) =>
  new Elysia()
    .get("/bookings/:reference/pay", ({ request, params: { reference } }) =>
      asOwner(context, request, reference, (options) => showPay(context, request, reference, options)),
    )
    .post(
      "/bookings/:reference/pay",
      async ({ request, params: { reference } }) => {
        const form = await readForm(request)
        return asOwner(context, request, reference, (options) => pay(context, request, reference, form, options))
      },
      { parse: "none" },
    )

async function pay(
  context: UiContext,
  request: Request,
  reference: string,
  form: URLSearchParams,
  options: RequestOptions,
): Promise<Response> {
  const { clients, config } = context
  const requestId = text(form, "request_id")
  const withoutPoints = text(form, "points") === "0"
  try {
    const checkout = await clients.bookings.startCheckout(
      { requestId, reference, points: withoutPoints ? 0n : undefined },
      options,
    )
    const { paymentId } = checkout
    if (!paymentId) return redirect(`/bookings/${reference}`)
    const returnUrl = `${config.PUBLIC_URL}/checkout/return?payment=${paymentId}`
    const card = text(form, "method")
    const method: ProcessPaymentRequest["method"] =
      card && card !== "hosted"
        ? { $case: "bankCardId", value: card }
        : {
            $case: "hostedPage",
            value: {
              successUrl: returnUrl,
              cancelUrl: `${config.PUBLIC_URL}/bookings/${reference}/pay`,
              checkoutKey: "",
            },
          }
    const { redirectUrl } = await clients.payments.processPayment({ requestId, paymentId, method, returnUrl }, options)
    return redirect(redirectUrl || returnUrl)
  } catch (error) {
    if (hasReason(error, "BOOKING_STATE", "HOLD_EXPIRED", "PAYMENT_STATE")) return redirect(`/bookings/${reference}`)
    // Another choice under an id that was sent before: the page says how the booking stands, and asks anew.
    if (hasReason(error, "REQUEST_ID_REUSED")) return redirect(`/bookings/${reference}/pay`)
    const aboutPaying = hasReason(
      error,
      "CARD_DECLINED",
      "CARD_NOT_FOUND",
      "NOT_ENOUGH_POINTS",
      "POINTS_REMAINDER_TOO_SMALL",
    )
    // Where nobody knows whether it was done, the problem page sends this same form again.
    if (!aboutPaying) throw error
    return showPay(context, request, reference, options, error)
  }
}

async function showPay(
  { clients, sessions }: UiContext,
  request: Request,
  reference: string,
  options: RequestOptions,
  refusal?: unknown,
): Promise<Response> {
  const { user } = await sessions.identityOf(request)
  const { booking } = await clients.bookings.getBooking({ reference }, options)
  if (!booking || !canBePaid(booking.status)) return redirect(`/bookings/${reference}`)
  const { cards } = user
    ? await clients.payments.listBankCards({ pageSize: 0, pageToken: "" }, options).catch(noCardsForGuests)
    : { cards: [] }
  const price = booking.price
  const free = price?.total?.minorUnits === 0n
  const pointsProblem = hasReason(refusal, "NOT_ENOUGH_POINTS", "POINTS_REMAINDER_TOO_SMALL")
  return respond(
    <Page title={`Pay for booking ${booking.reference}`} user={user} step="Payment">
      <div class="page-head">
        <div>
          <h1>Pay for your booking</h1>
          <p>
            Reference <b class="reference">{booking.reference}</b>
          </p>
        </div>
        <TimeLeft until={booking.holdExpireTime} />
      </div>
      {refusal !== undefined && (
        <ErrorSummary title="The payment did not go through" problems={[{ field: "", message: inWords(refusal) }]} />
      )}
      <div class="two-columns">
        <form class="card pay" method="post" action={`/bookings/${booking.reference}/pay`}>
          {/* What is shown follows a definite answer, so the next try is a new request. */}
          <RequestId />
          {pointsProblem && <input type="hidden" name="points" value="0" />}
          {free ? <p>Your points pay for everything. There is nothing to charge.</p> : <Methods cards={cards} />}
          <button class="button large wide" type="submit">
            {free
              ? "Confirm booking"
              : pointsProblem
                ? "Pay everything by card"
                : `Pay ${formatMoney(amountDue(booking))}`}
          </button>
          {booking.pointsToSpend > (booking.points?.redeemed ?? 0n) && !pointsProblem && (
            <p class="hint">{formatPoints(booking.pointsToSpend)} points are taken when you pay.</p>
          )}
        </form>
        <aside>
          <section class="card summary" aria-labelledby="summary-title">
            <h2 id="summary-title">Your flights</h2>
            {await bookingJourneys(clients, booking)}
            {price && <PriceLines price={price} />}
          </section>
          <p class="release">
            <a href={`/bookings/${booking.reference}/cancel`}>Release the seats</a>
          </p>
        </aside>
      </div>
    </Page>,
    refusal === undefined ? 200 : problemOf(refusal).status,
  )
}

function Methods({ cards }: { cards: BankCard[] }) {
  return (
    <fieldset class="methods">
      <legend class="card-title">How would you like to pay?</legend>
      {cards.map((card) => (
        <label class="method">
          <input type="radio" name="method" value={card.id} checked={card.isDefault} />
          <span>
            <b>{cardInWords(card)}</b>
            <small>
              expires {String(card.expiryMonth).padStart(2, "0")}/{card.expiryYear}
            </small>
          </span>
        </label>
      ))}
      <label class="method">
        <input type="radio" name="method" value="hosted" checked={cards.length === 0} />
        <span>
          <b>{cards.length > 0 ? "Another card" : "Card"}</b>
          <small>On the payment provider’s secure page; we never see the number.</small>
        </span>
      </label>
    </fieldset>
  )
}

/** What a refusal means for the payer, and what to do about it. */
function inWords(error: unknown): string {
  const { detail } = problemOf(error)
  return hasReason(error, "CARD_DECLINED") ? `${detail} Your seats are still held and nothing was charged.` : detail
}

const amountDue = (booking: Booking) => booking.payment?.amount ?? booking.price?.total

/** A booking opened by a guest's cookie has no saved cards, even when somebody else is logged in here. */
function noCardsForGuests(error: unknown): { cards: BankCard[] } {
  if (error instanceof Failure && ["PERMISSION_DENIED", "UNAUTHENTICATED"].includes(error.code)) return { cards: [] }
  throw error
}
