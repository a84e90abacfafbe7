import { adviceFor } from "../cards/declines.ts"

/** An event as the rows tell it. `code` is what Stripe calls the decline, the failure, the dispute or the event. */
export interface MoneyEventRow {
  id: string
  kind:
    | "requested"
    | "declined"
    | "paid"
    | "closed"
    | "refund_requested"
    | "refunded"
    | "refund_failed"
    | "refund_withheld"
    | "refund_charged_back"
    | "dispute_opened"
    | "dispute_withdrawn"
    | "dispute_reinstated"
    | "dispute_lost"
    | "webhook"
  time: Date
  paymentId: string
  currency: string
  minorUnits: bigint
  cardBrand: string
  cardLast4: string
  code: string
  declineCode: string
  stripeId: string
  debit: string
  credit: string
}

/** A sentence for people; staff also reads what Stripe calls it. */
export function describeEvent(row: MoneyEventRow, forStaff: boolean): string {
  const inStripesWords = [row.code, row.declineCode].filter((code, index, all) => code && all.indexOf(code) === index)
  const detail =
    forStaff && row.kind !== "webhook" && inStripesWords.length > 0 ? ` (${inStripesWords.join(", ")})` : ""
  return sentence(row) + detail
}

function sentence(row: MoneyEventRow): string {
  const card = cardInWords(row)
  switch (row.kind) {
    case "requested":
      return "A payment was asked for."
    case "declined":
      return `${card} was declined, and nothing was charged. ${adviceFor(row.code, row.declineCode)}`
    case "paid":
      return `Paid: ${card} was authorised and charged.`
    case "closed":
      return "The request was closed: nothing can be charged by it any more."
    case "refund_requested":
      return "A refund was asked for."
    case "refunded":
      return `Refunded to ${card}. Banks show it within 5 to 10 working days.`
    case "refund_failed":
      return `The refund did not reach ${card}. The money is still with us, and our staff has been told.`
    case "refund_withheld":
      return "The refund waits for the bank's decision about the dispute: until then the bank has the money, not we."
    case "refund_charged_back":
      return "No refund was sent: the card's holder has got this money back from the bank."
    case "dispute_opened":
      return `The holder of ${card} disputes the payment with the bank.`
    case "dispute_withdrawn":
      return "The bank has taken the disputed amount back until the dispute is decided."
    case "dispute_reinstated":
      return "The dispute was decided in our favour: the amount came back to us."
    case "dispute_lost":
      return "The dispute was decided for the card's holder, who keeps the amount."
    case "webhook":
      return `Stripe sent the event ${row.code}.`
  }
}

const BRANDS: Record<string, string> = {
  amex: "American Express",
  discover: "Discover",
  mastercard: "Mastercard",
  visa: "Visa",
}

/** "Visa ending in 4242"; a server that speaks Stripe's API may not tell which card it was. */
function cardInWords({ cardBrand, cardLast4 }: MoneyEventRow): string {
  return cardLast4 ? `${BRANDS[cardBrand] ?? "Card"} ending in ${cardLast4}` : "the card"
}
