/** The bank's 3-D Secure page: the traveller authenticates, or does not. */
import type { BunRequest } from "bun"
import { currentSession } from "../checkout-sessions.ts"
import { finishAuthentication } from "../confirmation.ts"
import { CardError } from "../errors.ts"
import { formatMoney } from "../money.ts"
import { type Call, ownCall, type Sandbox } from "../sandbox.ts"
import type { Entry } from "../store.ts"
import { html } from "./html.ts"
import { notice, page, seeOther } from "./layout.ts"
import { settledUrl, settleSession } from "./pay-session.ts"

type Intent = Entry<"payment_intent">

export function showChallenge(sandbox: Sandbox, request: BunRequest): Response {
  const intent = challengedIntent(sandbox, request)
  if (!intent) return unknown()
  const { amount, currency, status } = intent.object
  if (status !== "requires_action") return over(intent)
  const total = formatMoney(amount, currency)
  return page(
    200,
    "3-D Secure",
    html`<form class="card" method="post">
<h1>3-D Secure (test mode)</h1>
<p class="amount">${total}</p>
<p>This page stands for your bank's. Did you authorise this payment?</p>
<button name="outcome" value="complete">Complete authentication</button>
<button class="plain" name="outcome" value="fail">Fail authentication</button>
</form>`,
  )
}

/** Takes the answer and leads back to whoever sent the traveller here. An answer that comes late changes nothing. */
export async function answerChallenge(sandbox: Sandbox, request: BunRequest): Promise<Response> {
  const outcome = new URLSearchParams(await request.text()).get("outcome")
  const intent = challengedIntent(sandbox, request)
  if (!intent) return unknown()
  if (intent.object.status !== "requires_action") return over(intent)
  if (outcome !== "complete" && outcome !== "fail") {
    return notice(422, "3-D Secure", "Choose whether the authentication is complete.")
  }
  const call = ownCall(sandbox)
  return intent.hidden.session
    ? answerForSession(call, intent, intent.hidden.session, outcome)
    : answerForShop(call, intent, outcome)
}

function answerForSession(call: Call, intent: Intent, id: string, outcome: "complete" | "fail"): Response {
  try {
    return call.store.transaction(() => {
      const session = currentSession(call, id)
      const current = call.store.read("payment_intent", intent.object.id)
      finishAuthentication(call, current, outcome === "complete")
      settleSession(call, session, current)
      return seeOther(settledUrl(call, session.object, current.object))
    })
  } catch (error) {
    if (error instanceof CardError) return seeOther(`${call.publicUrl}/c/pay/${id}`)
    throw error
  }
}

function answerForShop(call: Call, intent: Intent, outcome: "complete" | "fail"): Response {
  try {
    call.store.transaction(() => finishAuthentication(call, intent, outcome === "complete"))
  } catch (error) {
    if (!(error instanceof CardError)) throw error
  }
  if (!intent.hidden.returnUrl) return over(intent)
  const url = new URL(intent.hidden.returnUrl)
  url.searchParams.set("payment_intent", intent.object.id)
  url.searchParams.set("payment_intent_client_secret", intent.object.client_secret ?? "")
  url.searchParams.set("redirect_status", intent.object.status === "succeeded" ? "succeeded" : "failed")
  return seeOther(url.href)
}

/** The intent whose secret the link carries; the id alone opens nothing. */
function challengedIntent(sandbox: Sandbox, request: BunRequest): Intent | undefined {
  const intent = sandbox.store.find("payment_intent", (request.params as { id: string }).id)
  const secret = new URL(request.url).searchParams.get("client_secret")
  return intent && intent.object.client_secret === secret ? intent : undefined
}

function unknown(): Response {
  return notice(404, "Not found", "There is no such payment to authenticate.")
}

function over({ object, hidden }: Intent): Response {
  const link = hidden.returnUrl ? { href: hidden.returnUrl, label: "Back to the shop" } : null
  const text =
    object.status === "succeeded" ? "This payment is complete." : "This payment is not waiting for authentication."
  return notice(200, "3-D Secure", text, link)
}
