import { Failure, invalidRequest } from "@airside/kernel/errors"
import type { RequestOptions } from "@airside/kernel/rpc-client"
import {
  type BankCard,
  type Payment,
  PaymentStatus,
  type ProcessPaymentRequest,
  type Transaction,
  TransactionKind,
} from "@airside/protos/airside/payments/v1/payments"
import { returnUrlOf } from "../checkout.ts"
import type { UiContext } from "../context.ts"
import { noteSettled, settling } from "../settlements.ts"
import { endpoint } from "./endpoint.ts"
import { moneyShape, toMoney } from "./money.ts"
import { idShape, instantShape, nextPageShape, pageOf, pageShapes, userIdOf } from "./parts.ts"
import { choice, flag, integer, list, nullable, object, optional, text } from "./shape.ts"
import { instant, present, wordsOf } from "./words.ts"

const kinds = wordsOf(TransactionKind)
const statuses = wordsOf(PaymentStatus)

const transactionShape = object(
  {
    id: text(),
    kind: choice(kinds.words),
    status: choice(statuses.words),
    amount: moneyShape,
    booking_reference: text(),
    create_time: instantShape,
  },
  { title: "Transaction" },
)
const cardShape = object(
  {
    id: text(),
    brand: text({ example: "visa" }),
    last4: text({ example: "4242" }),
    expiry_month: integer(),
    expiry_year: integer(),
    is_default: flag({ description: "Offered first; one of them always is." }),
  },
  { title: "BankCard" },
)
const OUTCOMES = ["succeeded", "requires_action", "processing"] as const
type Outcome = (typeof OUTCOMES)[number]

export const paymentEndpoints = [
  endpoint({
    method: "POST",
    path: "/api/payments/create-intent",
    summary: "Start the checkout of a booking; one open Stripe object at a time",
    body: object({
      booking_reference: text({ minimum: 1, maximum: 50 }),
      points: optional(integer({ minimum: 0, description: "Left out: as the booking was made." })),
    }),
    example: { booking_reference: "K7M2QX" },
    success: {
      status: 200,
      answer: object({
        payment_id: nullable(text({ description: "Null when points paid for everything." })),
        client_secret: nullable(text({ description: "For Stripe's own client libraries." })),
        checkout_url: nullable(text({ description: "Leads to Stripe's hosted page." })),
        amount: moneyShape,
      }),
    },
    reasons: {
      BOOKING_NOT_FOUND: 404,
      BOOKING_STATE: 409,
      HOLD_EXPIRED: 409,
      NOT_ENOUGH_POINTS: 409,
      POINTS_NEED_ACCOUNT: 409,
      POINTS_REMAINDER_TOO_SMALL: 409,
    },
    async run({ clients, sessions, request, body, requestId }) {
      const reference = body.booking_reference
      const points = body.points === undefined ? undefined : BigInt(body.points)
      const checkout = await sessions.asOwnerOf(request, reference, (options) =>
        clients.bookings.startCheckout({ requestId, reference, points }, options),
      )
      return {
        payment_id: checkout.paymentId || null,
        client_secret: checkout.clientSecret || null,
        checkout_url: checkout.checkoutUrl || null,
        amount: toMoney(checkout.amount),
      }
    },
  }),
  endpoint({
    method: "POST",
    path: "/api/payments/process",
    summary: "Pay a booking by a payment method of Stripe's or by a saved card",
    body: object({
      booking_reference: text({ minimum: 1, maximum: 50 }),
      payment_method: optional(text({ minimum: 1, maximum: 200, example: "pm_card_visa" })),
      bank_card_id: optional(idShape),
    }),
    example: { booking_reference: "K7M2QX", payment_method: "pm_card_visa" },
    success: {
      status: 200,
      answer: object({
        status: choice(OUTCOMES),
        redirect_url: optional(text({ description: "Where the payer must go: 3-D Secure." })),
      }),
    },
    reasons: {
      BOOKING_NOT_FOUND: 404,
      BOOKING_STATE: 409,
      HOLD_EXPIRED: 409,
      PAYMENT_STATE: 409,
      CARD_DECLINED: 409,
      CARD_NOT_FOUND: 404,
    },
    async run(call) {
      const method = methodOf(call.body)
      const reference = call.body.booking_reference
      return call.sessions.asOwnerOf(call.request, reference, (options) =>
        payBooking(call, reference, method, call.requestId, options),
      )
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/payments/history/:user_id",
    summary: "Payments and refunds, newest first; {user_id} may be me",
    query: object(pageShapes),
    success: { status: 200, answer: object({ transactions: list(transactionShape), next_page_token: nextPageShape }) },
    reasons: { LOG_IN_REQUIRED: 401, USER_NOT_FOUND: 404 },
    async run({ clients, params, query, caller }) {
      const request = { userId: userIdOf(params.user_id), ...pageOf(query) }
      const { transactions, nextPageToken } = await clients.payments.listPayments(request, await caller())
      return { transactions: transactions.map(toTransaction), next_page_token: nextPageToken || undefined }
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/payments/cards",
    summary: "The caller's saved cards, newest first",
    query: object(pageShapes),
    success: { status: 200, answer: object({ cards: list(cardShape), next_page_token: nextPageShape }) },
    reasons: { LOG_IN_REQUIRED: 401, NOT_ALLOWED: 403 },
    async run({ clients, query, caller }) {
      const { cards, nextPageToken } = await clients.payments.listBankCards(pageOf(query), await caller())
      return { cards: cards.map(toCard), next_page_token: nextPageToken || undefined }
    },
  }),
  endpoint({
    method: "POST",
    path: "/api/payments/cards/:id/default",
    summary: "Offer a saved card first",
    success: { status: 200, answer: object({ card: cardShape }) },
    reasons: { LOG_IN_REQUIRED: 401, NOT_ALLOWED: 403, CARD_NOT_FOUND: 404 },
    async run({ clients, params, requestId, caller }) {
      const { card } = await clients.payments.setDefaultBankCard({ requestId, bankCardId: params.id }, await caller())
      return { card: toCard(present(card)) }
    },
  }),
  endpoint({
    method: "DELETE",
    path: "/api/payments/cards/:id",
    summary: "Forget a saved card",
    success: { status: 204 },
    reasons: { LOG_IN_REQUIRED: 401, NOT_ALLOWED: 403, CARD_NOT_FOUND: 404 },
    async run({ clients, params, requestId, caller }) {
      await clients.payments.removeBankCard({ requestId, bankCardId: params.id }, await caller())
    },
  }),
]

type Method = Exclude<ProcessPaymentRequest["method"], undefined>

/** Exactly one way to pay. Throws INVALID_REQUEST. */
function methodOf(body: { payment_method?: string | undefined; bank_card_id?: string | undefined }): Method {
  if (body.payment_method && !body.bank_card_id) return { $case: "paymentMethod", value: body.payment_method }
  if (body.bank_card_id && !body.payment_method) return { $case: "bankCardId", value: body.bank_card_id }
  throw invalidRequest([{ field: "payment_method", message: "name either payment_method or bank_card_id" }])
}

/** Starts the checkout where that has not happened, pays, and lets backend look at what became of it. */
async function payBooking(
  { clients, config, log }: UiContext,
  reference: string,
  method: Method,
  requestId: string,
  options: RequestOptions,
): Promise<{ status: Outcome; redirect_url?: string | undefined }> {
  // Not set: the points that the booking was made with. A repeated request gets the same payment.
  const order = { requestId, reference, points: undefined, paysAtOnce: true }
  const { paymentId } = await clients.bookings.startCheckout(order, options)
  // Points paid for everything.
  if (paymentId === "") return { status: "succeeded" }
  const returnUrl = returnUrlOf(config, paymentId)
  return settling(paymentId, async () => {
    const { payment, redirectUrl } = await clients.payments.processPayment(
      { requestId, paymentId, method, returnUrl },
      options,
    )
    // The card is charged whatever happens now; backend's sweep settles what this cannot.
    const settled = await clients.bookings
      .settleBooking({ subject: { $case: "reference", value: reference } }, options)
      .catch((error) => {
        log.warn({ err: error, reference }, "a payment was made and could not be settled at once")
      })
    if (settled?.settledPaymentId === paymentId) noteSettled(paymentId)
    return { status: outcomeOf(present(payment)), redirect_url: redirectUrl || undefined }
  })
}

function outcomeOf({ status }: Payment): Outcome {
  if (status === PaymentStatus.SUCCEEDED) return "succeeded"
  if (status === PaymentStatus.REQUIRES_ACTION) return "requires_action"
  if (status === PaymentStatus.PROCESSING) return "processing"
  throw new Failure("FAILED_PRECONDITION", "PAYMENT_STATE", "The payment is not in a state in which it can be paid.")
}

const toTransaction = (transaction: Transaction) => ({
  id: transaction.id,
  kind: kinds.toWord(transaction.kind),
  status: statuses.toWord(transaction.status),
  amount: toMoney(transaction.amount),
  booking_reference: transaction.bookingReference,
  create_time: instant(transaction.createTime),
})

const toCard = (card: BankCard) => ({
  id: card.id,
  brand: card.brand,
  last4: card.last4,
  expiry_month: card.expiryMonth,
  expiry_year: card.expiryYear,
  is_default: card.isDefault,
})
