import type { FieldProblem } from "@airside/kernel/errors"
import type { BankCard } from "@airside/protos/airside/payments/v1/payments"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { AccountTabs } from "./account-tabs.tsx"
import { ErrorSummary, Hidden, RequestId, readForm, Select, text } from "./form.tsx"
import { logInFirst } from "./list.tsx"

/** Stripe's test cards that can be saved; offered only where payments go to the sandbox. */
const TEST_CARDS = [
  ["pm_card_visa", "Visa that pays"],
  ["pm_card_mastercard", "Mastercard that pays"],
  ["pm_card_amex", "American Express that pays"],
  ["pm_card_authenticationRequired", "Visa that asks for 3-D Secure"],
  ["pm_card_chargeCustomerFail", "Visa that is declined when charged"],
] as const

const BRANDS: Record<string, string> = { visa: "Visa", mastercard: "Mastercard", amex: "American Express" }

/** "Visa ending in 4242". */
export const cardInWords = ({ brand, last4 }: Pick<BankCard, "brand" | "last4">): string =>
  `${BRANDS[brand] ?? (brand || "Card")} ending in ${last4}`

/** The cards that somebody has saved. Numbers are the payment provider's business, so a card is added by paying. */
export const cardsPage = (context: UiContext) =>
  new Elysia()
    .get("/account/cards", ({ request }) => showCards(context, request))
    .post("/account/cards", async ({ request }) => add(context, request, await readForm(request)), { parse: "none" })
    .post("/account/cards/default", async ({ request }) => prefer(context, request, await readForm(request)), {
      parse: "none",
    })
    .post("/account/cards/remove", async ({ request }) => remove(context, request, await readForm(request)), {
      parse: "none",
    })

async function add(context: UiContext, request: Request, form: URLSearchParams) {
  const { token } = await context.sessions.identityOf(request)
  try {
    await context.clients.payments.addBankCard(
      { requestId: text(form, "request_id"), paymentMethod: text(form, "payment_method") },
      { token },
    )
    return redirect("/account/cards")
  } catch (error) {
    if (!hasReason(error, "CARD_DECLINED", "INVALID_REQUEST")) throw error
    const { detail, fields } = problemOf(error)
    return showCards(context, request, [{ field: "payment_method", message: fields[0]?.message ?? detail }])
  }
}

async function prefer({ clients, sessions }: UiContext, request: Request, form: URLSearchParams) {
  const { token } = await sessions.identityOf(request)
  const chosen = { requestId: text(form, "request_id"), bankCardId: text(form, "card") }
  await clients.payments.setDefaultBankCard(chosen, { token })
  return redirect("/account/cards")
}

async function remove({ clients, sessions }: UiContext, request: Request, form: URLSearchParams) {
  const { token } = await sessions.identityOf(request)
  try {
    const { payments } = clients
    await payments.removeBankCard({ requestId: text(form, "request_id"), bankCardId: text(form, "card") }, { token })
  } catch (error) {
    // It is gone already: what was wanted is so.
    if (!hasReason(error, "CARD_NOT_FOUND")) throw error
  }
  return redirect("/account/cards")
}

async function showCards({ clients, sessions, config }: UiContext, request: Request, problems: FieldProblem[] = []) {
  const { user, token } = await sessions.identityOf(request)
  if (!user) return logInFirst(request)
  const { cards } = await clients.payments.listBankCards({ pageSize: 100, pageToken: "" }, { token })
  return respond(
    <Page title="Saved cards" user={user} path="/account">
      <div class="page-head">
        <h1>Saved cards</h1>
      </div>
      <AccountTabs current="/account/cards" />
      <ErrorSummary problems={problems} />
      <div class="reading">
        {cards.length === 0 ? (
          <div class="empty">
            <h2>No cards yet</h2>
            <p>A card that you keep when you pay is offered here and with your next booking.</p>
          </div>
        ) : (
          <ul class="card card-list">
            {cards.map((card) => (
              <li>
                <span>
                  <b>{cardInWords(card)}</b>
                  <br />
                  <small class="muted">
                    expires {String(card.expiryMonth).padStart(2, "0")}/{card.expiryYear}
                  </small>
                </span>
                {card.isDefault ? (
                  <span class="status good">Default</span>
                ) : (
                  <CardAction card={card} action="default" words="Make default" />
                )}
                <CardAction card={card} action="remove" words="Remove" tone="bad" />
              </li>
            ))}
          </ul>
        )}
        {config.SANDBOX_PUBLIC_URL && (
          <form class="card" method="post" action="/account/cards">
            <h2>Add a test card</h2>
            <p class="muted">Payments go to the built-in sandbox: no money moves.</p>
            <RequestId />
            <div class="with-button">
              <Select name="payment_method" label="Test card" options={TEST_CARDS} problems={problems} />
              <button class="button secondary" type="submit">
                Save card
              </button>
            </div>
          </form>
        )}
      </div>
    </Page>,
    problems.length > 0 ? 422 : 200,
  )
}

interface CardActionProps {
  card: BankCard
  action: "default" | "remove"
  words: string
  tone?: "bad"
}

function CardAction({ card, action, words, tone }: CardActionProps) {
  return (
    <form method="post" action={`/account/cards/${action}`}>
      <RequestId />
      <Hidden values={[["card", card.id]]} />
      <button class={`link-button ${tone ?? ""}`} type="submit">
        {words}
        <span class="hidden-visually"> {cardInWords(card)}</span>
      </button>
    </form>
  )
}
