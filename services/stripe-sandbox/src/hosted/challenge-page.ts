/** The bank's 3-D Secure page: the traveller authenticates, or does not. */
import type { BunRequest } from "bun"
import { currentSession } from "../checkout-sessions.ts"
import { finishAuthentication } from "../confirmation.ts"
import { CardError } from "../errors.ts"
import { formatMoney } from "../money.ts"
import { type Call, ownCall, type Sandbox } from "../sandbox.ts"
import { finishSetup } from "../setup-intents.ts"
import type { Entry } from "../store.ts"
import { html } from "./html.ts"
import { notice, page, seeOther } from "./layout.ts"
import { settledUrl, settleSession } from "./pay-session.ts"

type Intent = Entry<"payment_intent">
type Setup = Entry<"setup_intent">

export function showChallenge(sandbox: Sandbox, request: BunRequest): Response {
  const challenged = challengedIntent(sandbox, request)
  if (!challenged) return unknown()
  if (challenged.object.status !== "requires_action") return over(challenged)
  const { object } = challenged
  const amount = object.object === "payment_intent" && formatMoney(object.amount, object.currency)
  const question = amount ? "Did you authorise this payment?" : "Do you agree that your card is saved?"
  return page(
    200,
    "3-D Secure",
    html`<form class="card" method="post">
<h1>3-D Secure (test mode)</h1>
${amount && html`<p class="amount">${amount}</p>`}
<p>This page stands for your bank's. ${question}</p>
<button name="outcome" value="complete">Complete authentication</button>
<button class="plain" name="outcome" value="fail">Fail authentication</button>
</form>`,
  )
}

/** Takes the answer and leads back to whoever sent the traveller here. An answer that comes late changes nothing. */
export async function answerChallenge(sandbox: Sandbox, request: BunRequest): Promise<Response> {
  const outcome = new URLSearchParams(await request.text()).get("outcome")
  const challenged = challengedIntent(sandbox, request)
  if (!challenged) return unknown()
  if (challenged.object.status !== "requires_action") return over(challenged)
  if (outcome !== "complete" && outcome !== "fail") {
    return notice(422, "3-D Secure", "Choose whether the authentication is complete.")
  }
  const call = ownCall(sandbox)
  const passed = outcome === "complete"
  if (isSetup(challenged)) {
    call.store.transaction(() => finishSetup(call, challenged, passed))
    return backToShop(challenged)
  }
  const { session } = challenged.hidden
  return session ? answerForSession(call, challenged, session, passed) : answerForShop(call, challenged, passed)
}

function answerForSession(call: Call, intent: Intent, id: string, passed: boolean): Response {
  try {
    return call.store.transaction(() => {
      const session = currentSession(call, id)
      const current = call.store.read("payment_intent", intent.object.id)
      finishAuthentication(call, current, passed)
      settleSession(call, session, current)
      return seeOther(settledUrl(call, session.object, current.object))
    })
  } catch (error) {
    if (error instanceof CardError) return seeOther(`${call.publicUrl}/c/pay/${id}`)
    throw error
  }
}

function answerForShop(call: Call, intent: Intent, passed: boolean): Response {
  try {
    call.store.transaction(() => finishAuthentication(call, intent, passed))
  } catch (error) {
    if (!(error instanceof CardError)) throw error
  }
  return backToShop(intent)
}

function backToShop(challenged: Intent | Setup): Response {
  const { object, hidden } = challenged
  if (!hidden.returnUrl) return over(challenged)
  const url = new URL(hidden.returnUrl)
  url.searchParams.set(object.object, object.id)
  url.searchParams.set(`${object.object}_client_secret`, object.client_secret ?? "")
  url.searchParams.set("redirect_status", object.status === "succeeded" ? "succeeded" : "failed")
  return seeOther(url.href)
}

/** The intent whose secret the link carries; the id alone opens nothing. */
function challengedIntent({ store }: Sandbox, request: BunRequest): Intent | Setup | undefined {
  const { id } = request.params as { id: string }
  const intent = store.find("payment_intent", id) ?? store.find("setup_intent", id)
  const secret = new URL(request.url).searchParams.get("client_secret")
  return intent && intent.object.client_secret === secret ? intent : undefined
}

function isSetup(challenged: Intent | Setup): challenged is Setup {
  return challenged.object.object === "setup_intent"
}

function unknown(): Response {
  return notice(404, "Not found", "There is nothing here to authenticate.")
}

function over({ object, hidden }: Intent | Setup): Response {
  const link = hidden.returnUrl ? { href: hidden.returnUrl, label: "Back to the shop" } : null
  const text = object.status === "succeeded" ? "This is complete." : "Nothing is waiting for authentication here."
  return notice(200, "3-D Secure", text, link)
}
