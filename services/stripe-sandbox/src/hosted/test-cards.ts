/** The banner that says that no money moves, and which cards do what. */
import { TEST_CARDS, type TestCard } from "../cards.ts"
import { type Html, html } from "./html.ts"

export function testCards(): Html {
  return html`<details class="test" open>
<summary>Test mode: no money moves</summary>
<p>Use one of these cards with any later date and any CVC.</p>
<ul>${TEST_CARDS.map((card) => html`<li><code>${grouped(card.number)}</code> <span>${effect(card)}</span></li>`)}</ul>
</details>`
}

function effect(card: TestCard): string {
  if (card.refundFails) return "pays, and a refund fails"
  if (card.disputed) return card.disputed === "inquiry" ? "pays, and the bank inquires" : "pays, and is disputed"
  if (card.authentication) return "asks for 3-D Secure"
  if (card.attaches) return "can be saved, then declined"
  if (card.decline)
    return card.decline.decline_code === "generic_decline" ? "declined" : card.decline.decline_code.replaceAll("_", " ")
  return `pays (${card.brand})`
}

function grouped(number: string): string {
  return number.replace(number.length === 15 ? /^(\d{4})(\d{6})/ : /(\d{4})(?=\d)/g, (...groups) =>
    number.length === 15 ? `${groups[1]} ${groups[2]} ` : `${groups[1]} `,
  )
}
