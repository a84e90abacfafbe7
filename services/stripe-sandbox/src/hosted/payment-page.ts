/** The page on which a Checkout Session is paid: a plain form that works without scripts. */
import type { BunRequest } from "bun"
import type Stripe from "stripe"
import { currentSession } from "../checkout-sessions.ts"
import { CardError, StripeError } from "../errors.ts"
import { formatMoney } from "../money.ts"
import { type Call, ownCall, type Sandbox } from "../sandbox.ts"
import type { Entry } from "../store.ts"
import { type CardForm, readCardForm } from "./card-form.ts"
import { type Html, html } from "./html.ts"
import { notice, page, seeOther } from "./layout.ts"
import { paySession, settledUrl } from "./pay-session.ts"
import { testCards } from "./test-cards.ts"

type Session = Entry<"checkout.session">

export function showPaymentPage(sandbox: Sandbox, request: BunRequest): Response {
  return onSession(sandbox, request, (call, session) => {
    const intent = session.object.payment_intent
    const failure = intent ? call.store.read("payment_intent", intent as string).object.last_payment_error : null
    return paymentPage(200, session, undefined, { form: failure ? wordsFor(failure) : undefined })
  })
}

/** Pays and leads on to the shop or to 3-D Secure; else the form again, with what is wrong: 422 input, 402 declined. */
export async function payOnPage(sandbox: Sandbox, request: BunRequest): Promise<Response> {
  const given = readCardForm(new URLSearchParams(await request.text()), sandbox.clock())
  return onSession(sandbox, request, (call, session) => {
    if (Object.keys(given.errors).length > 0) return paymentPage(422, session, given.values, given.errors)
    try {
      const intent = call.store.transaction(() => paySession(call, session, given.card))
      return seeOther(settledUrl(call, session.object, intent))
    } catch (error) {
      if (!(error instanceof CardError)) throw error
      const field = FIELDS[error.body.code ?? ""] ?? "form"
      return paymentPage(402, session, given.values, { [field]: error.message })
    }
  })
}

/** What the last attempt failed for, in words for travellers. */
function wordsFor(failure: Stripe.PaymentIntent.LastPaymentError): string | undefined {
  const isAuthentication = failure.code === "payment_intent_authentication_failure"
  return isAuthentication
    ? "Your bank could not authenticate you. Please try again or use another card."
    : failure.message
}

/** Where the message of a declined card belongs. */
const FIELDS: Record<string, keyof CardForm | undefined> = {
  incorrect_number: "card_number",
  expired_card: "expiry",
  invalid_expiry_month: "expiry",
  invalid_expiry_year: "expiry",
  incorrect_cvc: "cvc",
  invalid_cvc: "cvc",
}

/** Runs with the open session; one that is over, or none, gets a page that says so. */
function onSession(sandbox: Sandbox, request: BunRequest, run: (call: Call, session: Session) => Response): Response {
  const call = ownCall(sandbox)
  const id = (request.params as { id: string }).id
  try {
    const session = call.store.transaction(() => currentSession(call, id))
    const { status, success_url, cancel_url } = session.object
    if (status === "complete") {
      const link = { href: success_url?.replaceAll("{CHECKOUT_SESSION_ID}", id) ?? "", label: "Continue to the shop" }
      return notice(200, "Already paid", "This payment is complete. Nothing more was charged.", link)
    }
    if (status === "expired") {
      const link = cancel_url ? { href: cancel_url, label: "Back to the shop" } : null
      return notice(410, "Expired", "This payment page has expired. Nothing was charged.", link)
    }
    return run(call, session)
  } catch (error) {
    if (error instanceof StripeError && error.status === 404)
      return notice(404, "Not found", "There is no such payment page.")
    if (error instanceof StripeError) return notice(error.status, "Not possible", error.message)
    sandbox.log.error({ err: error, session: id }, "payment page failed")
    return notice(500, "Something went wrong", "Nothing was charged. Please try again.")
  }
}

function paymentPage(
  status: number,
  { object: session, hidden }: Session,
  values: CardForm | undefined,
  errors: { [Field in keyof CardForm | "form"]?: string | undefined },
): Response {
  const total = formatMoney(session.amount_total ?? 0, session.currency ?? "usd")
  const back = session.cancel_url && html`<a href="${session.cancel_url}">← Back to shop</a>`
  return page(
    status,
    `Pay ${total}`,
    html`<header>${back}<span class="badge">Test mode</span></header>
<section class="card">
<h1>Amount due</h1>
<p class="amount">${total}</p>
<dl>${hidden.lineItems.map(lineItem)}</dl>
</section>
<form class="card" method="post">
${errors.form && html`<p class="error" role="alert">${errors.form}</p>`}
${field("card_number", "Card number", "cc-number", values, errors, { mode: "numeric", hint: "4242 4242 4242 4242" })}
<div class="pair">
<div>${field("expiry", "Expiry (MM / YY)", "cc-exp", values, errors, { mode: "numeric", hint: "12 / 34" })}</div>
<div>${field("cvc", "CVC", "cc-csc", values, errors, { mode: "numeric", hint: "123" })}</div>
</div>
${field("name", "Name on card", "cc-name", values, errors, { mode: "text", hint: "" })}
<button>Pay ${total}</button>
</form>
${testCards()}`,
  )
}

function lineItem(item: Stripe.LineItem): Html {
  const count = (item.quantity ?? 1) > 1 && html` × ${item.quantity}`
  return html`<div><dt>${item.description}${count}</dt><dd>${formatMoney(item.amount_total, item.currency)}</dd></div>`
}

function field(
  name: keyof CardForm,
  label: string,
  autocomplete: string,
  values: CardForm | undefined,
  errors: { [Field in keyof CardForm]?: string | undefined },
  { mode, hint }: { mode: "numeric" | "text"; hint: string },
): Html {
  const message = errors[name]
  const invalid = message && html` aria-invalid="true" aria-describedby="${name}-error"`
  return html`<label for="${name}">${label}</label>
<input id="${name}" name="${name}" value="${values?.[name]}" placeholder="${hint}" inputmode="${mode}" autocomplete="${autocomplete}" maxlength="100" required${invalid}>
${message && html`<p class="field-error" id="${name}-error" role="alert">${message}</p>`}`
}
