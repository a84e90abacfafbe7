import type { RequestOptions } from "@airside/kernel/rpc-client"
import {
  type ListMoneyEventsResponse,
  type MoneyEvent,
  MoneyEventKind,
} from "@airside/protos/airside/payments/v1/payments"
import type { UiContext } from "../context.ts"
import { hasReason } from "../problems.ts"
import { endpoint } from "./endpoint.ts"
import { moneyShape, toMoney } from "./money.ts"
import { instantShape, nextPageShape, pageOf, pageShapes } from "./parts.ts"
import { choice, list, object, optional, text } from "./shape.ts"
import { instant, wordsOf } from "./words.ts"

const kinds = wordsOf(MoneyEventKind)

const eventShape = object(
  {
    id: text(),
    kind: choice(kinds.words),
    event_time: instantShape,
    description: text({ example: "Paid: Visa ending in 4242 was authorised and charged." }),
    amount: optional(moneyShape),
    stripe_id: optional(text({ description: "For staff, as all that follows." })),
    payment_id: optional(text()),
    debit_account: optional(text({ description: "Of the ledger, where money moved." })),
    credit_account: optional(text()),
  },
  { title: "MoneyEvent" },
)

export const moneyEventEndpoint = endpoint({
  method: "GET",
  path: "/api/bookings/:reference/money",
  summary: "What happened to a booking's money in plain words, oldest first; more of it for staff",
  query: object(pageShapes),
  success: { status: 200, answer: object({ events: list(eventShape), next_page_token: nextPageShape }) },
  reasons: { BOOKING_NOT_FOUND: 404, LOG_IN_REQUIRED: 401 },
  async run(call) {
    const { events, nextPageToken } = await call.sessions.asOwnerOf(call.request, call.params.reference, (options) =>
      readMoneyEvents(call, call.params.reference, pageOf(call.query), options),
    )
    return { events: events.map(toMoneyEvent), next_page_token: nextPageToken || undefined }
  },
})

/** A page of a booking's money events; none before a payment was asked for. Reasons: BOOKING_NOT_FOUND. */
export async function readMoneyEvents(
  { clients }: Pick<UiContext, "clients">,
  reference: string,
  page: { pageSize: number; pageToken: string },
  options: RequestOptions,
): Promise<ListMoneyEventsResponse> {
  try {
    return await clients.payments.listMoneyEvents({ bookingReference: reference, ...page }, options)
  } catch (error) {
    if (!hasReason(error, "PAYMENT_NOT_FOUND")) throw error
    await clients.bookings.getBooking({ reference }, options)
    return { events: [], nextPageToken: "" }
  }
}

const toMoneyEvent = (event: MoneyEvent) => ({
  id: event.id,
  kind: kinds.toWord(event.kind),
  event_time: instant(event.eventTime),
  description: event.description,
  amount: event.amount && toMoney(event.amount),
  stripe_id: event.stripeId || undefined,
  payment_id: event.paymentId || undefined,
  debit_account: event.debitAccount || undefined,
  credit_account: event.creditAccount || undefined,
})
