import { Failure, invalidRequest, Problems } from "@airside/kernel/errors"
import { onceAcrossSteps, onceByGuards } from "@airside/kernel/idempotency"
import { derivedId, isUuid } from "@airside/kernel/ids"
import { createUnderWay } from "@airside/kernel/under-way"
import type {
  HostedPage,
  ProcessPaymentRequest,
  ProcessPaymentResponse,
} from "@airside/protos/airside/payments/v1/payments"
import Stripe from "stripe"
import { ownPaymentMethod } from "../cards/own-payment-method.ts"
import { parsePaymentMethod } from "../cards/parse-payment-method.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { ANSWER_LOST, askStripe, StripeRefusal } from "../stripe/ask-stripe.ts"
import { isOwner, requirePayer } from "./access.ts"
import { type Decline, declineOf } from "./declined-attempts.ts"
import { openIntent, openSession } from "./open-object.ts"
import { type PaymentRow, readPayment, toPayment } from "./payment.ts"
import { type Finding, recordDecline, recordIntent, type WithSuccess } from "./record-object.ts"
import { fetchObject, isFresh, MOST_ROUNDS } from "./stripe-object.ts"

/** By payment: a refresh in the same moment finds them recorded rather than recording them too. */
export const cardPayments = createUnderWay()

/**
 * Pays by a payment method, by a saved card or on the hosted page. After a decline the payment stays open for another
 * try. Reasons: PAYMENT_NOT_FOUND, PAYMENT_STATE, PAYMENT_BUSY, CARD_DECLINED, CARD_NOT_FOUND, STRIPE_UNAVAILABLE.
 */
export async function processPayment(
  context: CallContext,
  request: ProcessPaymentRequest,
): Promise<ProcessPaymentResponse> {
  const order = parseOrder(request)
  const payment = await readPayment(context.database.sql, order.paymentId)
  const { page } = order
  requirePayer(context.call.caller, payment, page?.checkoutKey)
  if (page)
    return onceAcrossSteps(context, request, async () => answerOf(await payOnHostedPage(context, payment, page)))
  // Stripe confirms once by its key, and whatever it says is recorded once.
  return onceByGuards<ProcessPaymentResponse>(context, request, (keep) =>
    cardPayments.during(payment.id, async () => {
      const withSuccess: WithSuccess = (tx, withCommit, found) => keep(tx, withCommit, answerOf(found))
      const found = await payByCard(context, payment, order, withSuccess)
      return { response: answerOf(found), isKept: found.isFirst === true }
    }),
  )
}

const answerOf = ({ payment, redirectUrl }: Finding): ProcessPaymentResponse => ({
  payment: toPayment(payment),
  redirectUrl,
})

type Order = {
  requestId: string
  paymentId: string
  returnUrl: string
  page?: HostedPage
  paymentMethod?: string
  bankCardId?: string
}

function parseOrder({ requestId, paymentId, method, returnUrl }: ProcessPaymentRequest): Order {
  const problems = new Problems()
  const order: Order = { requestId, paymentId: paymentId.toLowerCase(), returnUrl }
  if (!isUuid(paymentId)) throw failures.PAYMENT_NOT_FOUND()
  switch (method?.$case) {
    case "paymentMethod":
      order.paymentMethod = parsePaymentMethod(method.value, problems)
      break
    case "bankCardId":
      order.bankCardId = method.value
      break
    case "hostedPage":
      order.page = method.value
      requireUrl(problems, "hosted_page.success_url", method.value.successUrl)
      requireUrl(problems, "hosted_page.cancel_url", method.value.cancelUrl)
      break
    default:
      problems.add("method", "must be a payment method, a saved card or the hosted page")
  }
  if (returnUrl) requireUrl(problems, "return_url", returnUrl)
  problems.throwIfAny()
  return order
}

function requireUrl(problems: Problems, field: string, value: string) {
  const protocol = URL.parse(value)?.protocol ?? ""
  if (!["http:", "https:"].includes(protocol)) problems.add(field, "must be an http or https URL")
}

async function payOnHostedPage(context: CallContext, payment: PaymentRow, page: HostedPage): Promise<Finding> {
  // The bearer of a link may pay for a traveller, but does not leave a card with them.
  const savesCard = isOwner(context.call.caller, payment)
  const found = await openSession(context, payment, page, savesCard)
  if (found.payment.status === "cancelled") throw failures.PAYMENT_STATE({ status: "cancelled" })
  return found
}

async function payByCard(
  context: CallContext,
  known: PaymentRow,
  order: Order,
  withSuccess: WithSuccess,
): Promise<Finding> {
  const paymentMethod = order.paymentMethod ?? (await ownPaymentMethod(context, known.userId, order.bankCardId!))
  for (let round = 0; round < MOST_ROUNDS; round++) {
    // Confirming tells what an intent is no longer good for, so a fresh one is not asked for first.
    const isAsRead = round === 0 && hasFreshIntent(known)
    const { payment } = isAsRead
      ? { payment: known }
      : await openIntent(context, round === 0 ? known : await readPayment(context.database.sql, known.id))
    if (payment.status === "cancelled" || payment.objectKind !== "payment_intent") {
      throw failures.PAYMENT_STATE({ status: payment.status })
    }
    const found = await confirm(context, payment, paymentMethod, order, withSuccess)
    if (found) return found
  }
  throw failures.PAYMENT_BUSY()
}

const hasFreshIntent = (payment: PaymentRow) =>
  payment.status === "open" &&
  payment.objectKind === "payment_intent" &&
  payment.objectState === "open" &&
  isFresh(payment)

/**
 * Confirms the intent under a key of this request, so that a repeated request gets its first answer, also when the
 * payment has succeeded by it. Undefined when somebody closed the intent in the meantime.
 */
async function confirm(
  context: CallContext,
  payment: PaymentRow,
  paymentMethod: string,
  order: Order,
  withSuccess: WithSuccess,
): Promise<Finding | undefined> {
  const { stripe } = context
  const { requestId, returnUrl } = order
  const parts = [payment.id, payment.attempt, "confirm", requestId, paymentMethod, returnUrl]
  let declined: Decline | undefined
  try {
    const intent = await askStripe(() =>
      stripe.paymentIntents
        .confirm(
          payment.objectId!,
          { payment_method: paymentMethod, ...(returnUrl && { return_url: returnUrl }), expand: ["latest_charge"] },
          { idempotencyKey: derivedId(...parts) },
        )
        .catch((error) => {
          if (error instanceof Stripe.errors.StripeCardError) declined = declineOf(error)
          throw error
        }),
    )
    return recordIntent(context, payment, intent, withSuccess)
  } catch (error) {
    if (error instanceof Failure && error.reason === "CARD_DECLINED") await recordDecline(context, payment, declined)
    if (!(error instanceof StripeRefusal)) throw error
    if (payment.status === "succeeded") throw failures.PAYMENT_STATE({ status: "succeeded" })
    const found = await fetchObject(context, payment)
    if (found.payment.status === "succeeded") throw failures.PAYMENT_STATE({ status: "succeeded" })
    if (!found.isOpen) return undefined
    if (found.payment.status === "processing") return found
    return refuseMethod(context, order, error)
  }
}

/** The intent is as it should be, so it is the method that Stripe will not have: unknown, used up, or another's. */
function refuseMethod({ log }: CallContext, order: Order, refusal: StripeRefusal): never {
  if (refusal.code === ANSWER_LOST) throw failures.STRIPE_UNAVAILABLE()
  log.warn({ err: refusal, payment: order.paymentId }, "payment method refused")
  if (order.bankCardId) throw failures.CARD_NOT_FOUND()
  throw invalidRequest([{ field: "payment_method", message: "cannot be used; make a new one" }])
}
