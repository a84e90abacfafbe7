import { isUuid, newId } from "@airside/kernel/ids"
import { PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import { Elysia } from "elysia"
import type { UiConfig, UiContext } from "./context.ts"
import { HttpProblem, hasReason } from "./problems.ts"

/** Where Stripe's pages send the payer back to. It carries no secret: the page behind it shows nothing to strangers. */
export const returnUrlOf = ({ PUBLIC_URL }: Pick<UiConfig, "PUBLIC_URL">, paymentId: string) =>
  `${PUBLIC_URL}/checkout/return?payment=${paymentId}`

/**
 * The way to Stripe's hosted page and back. `/pay/<payment_id>?key=…` is the checkout_url of the API: whoever has the
 * link may pay, and do nothing else. Coming back proves nothing, so the payment is fetched. Both ways need no session
 * and act as ui; what the booking's page shows depends on who looks at it.
 */
export const checkout = (context: UiContext) =>
  new Elysia()
    .get("/pay/:payment_id", ({ params, query }) => lead(context, params.payment_id, query.key ?? ""))
    .get("/checkout/return", ({ query }) => settle(context, query.payment ?? ""))

async function lead({ clients, config }: UiContext, paymentId: string, checkoutKey: string): Promise<Response> {
  if (!isUuid(paymentId) || checkoutKey === "") throw noSuchPayment()
  const returnUrl = returnUrlOf(config, paymentId)
  const value = { successUrl: returnUrl, cancelUrl: returnUrl, checkoutKey }
  try {
    const { payment, redirectUrl } = await clients.payments.processPayment(
      { requestId: newId(), paymentId, method: { $case: "hostedPage", value }, returnUrl },
      await clients.asUi(),
    )
    const open = payment?.status !== PaymentStatus.SUCCEEDED && payment?.status !== PaymentStatus.CANCELLED
    return seeOther(open && redirectUrl ? redirectUrl : returnUrl)
  } catch (error) {
    // Paid or closed already: the page that payers come back to says which.
    if (hasReason(error, "PAYMENT_STATE", "PAYMENT_CANCELLED")) return seeOther(returnUrl)
    throw error
  }
}

async function settle({ clients }: UiContext, paymentId: string): Promise<Response> {
  if (!isUuid(paymentId)) throw noSuchPayment()
  const { reference } = await clients.bookings.settleBooking(
    { subject: { $case: "paymentId", value: paymentId } },
    await clients.asUi(),
  )
  return seeOther(`/bookings/${reference}`)
}

const seeOther = (location: string) =>
  new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } })

const noSuchPayment = () => new HttpProblem(404, "PAYMENT_NOT_FOUND", "There is no such payment.")
